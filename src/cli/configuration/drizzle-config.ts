import type { Dialect } from '../../database/database.js';
import type { DatabaseOptions } from '../../options.js';
import { isRecord, typeOf } from '../../options/checks.js';
import { MigratorError } from '../../errors.js';
import { configError } from './config-error.js';

/** What a drizzle.config file says, as far as migrating needs it. */
export interface DrizzleConfig {
  readonly dialect: Dialect;
  /** `out` as written. @default 'drizzle', as drizzle-kit's */
  readonly out: string;
  readonly migrationsTable: string | undefined;
  readonly migrationsSchema: string | undefined;
  /** How to reach the database; an error where the file does not say, which counts only if nobody else does. */
  readonly credentials: Omit<DatabaseOptions, 'dialect'> | MigratorError;
  /** It names a server and no database: somebody meant it, so `DATABASE_URL` does not stand in for it silently. */
  readonly hasHalfOfCredentials: boolean;
}

/** Dialects and drivers of drizzle-kit that no session can be had from. */
const OTHER_DIALECTS = ['sqlite', 'turso', 'singlestore', 'gel', 'mssql', 'cockroach', 'duckdb'];

/**
 * Reads the content of a drizzle.config file: documented fields, in every form that drizzle-kit takes.
 * What has nothing to do with migrating (`schema`, `casing`, filters, ...) is not looked at.
 *
 * @throws {MigratorError} `CONFIGURATION`, `UNSUPPORTED_DIALECT`
 * @see https://orm.drizzle.team/docs/drizzle-config-file
 */
export function readDrizzleConfig(content: unknown, file: string): DrizzleConfig {
  if (!isRecord(content)) {
    throw configError(file, `The configuration file exports ${typeOf(content)}, not an object.`);
  }
  const dialect = readDialect(content['dialect'], file);
  const migrations = content['migrations'] ?? {};
  if (!isRecord(migrations)) throw wrongType(file, 'migrations', migrations, 'an object');
  return {
    dialect,
    out: textField(content, 'out', 'out', file) ?? 'drizzle',
    migrationsTable: textField(migrations, 'table', 'migrations.table', file),
    migrationsSchema: textField(migrations, 'schema', 'migrations.schema', file),
    credentials: readCredentials(content, dialect, file),
    hasHalfOfCredentials: hasHalfOfCredentials(content),
  };
}

function readDialect(dialect: unknown, file: string): Dialect {
  if (dialect === 'postgresql' || dialect === 'mysql') return dialect;
  if (typeof dialect === 'string' && OTHER_DIALECTS.includes(dialect)) {
    throw unsupported(file, `the dialect ${dialect}`);
  }
  throw wrongType(file, 'dialect', dialect, "'postgresql' or 'mysql' (also for MariaDB)");
}

function readCredentials(
  content: Record<string, unknown>,
  dialect: Dialect,
  file: string,
): DrizzleConfig['credentials'] {
  const driver = content['driver'];
  if (driver !== undefined && driver !== 'pglite') {
    if (typeof driver !== 'string') throw wrongType(file, 'driver', driver, "'pglite', or nothing");
    throw unsupported(file, `the driver ${/^[\w-]{1,40}$/.test(driver) ? driver : '(unknown)'}`);
  }
  const given = content['dbCredentials'];
  if (given === undefined) return missing(file, 'has no dbCredentials');
  if (!isRecord(given)) throw wrongType(file, 'dbCredentials', given, 'an object');
  if (driver === 'pglite') return pglite(given, file);
  if ('url' in given) return byUrl(given, dialect, file);
  if ('host' in given) return byFields(given, dialect, file);
  return missing(file, 'has neither dbCredentials.url nor dbCredentials.host');
}

function hasHalfOfCredentials({ driver, dbCredentials: given }: Record<string, unknown>): boolean {
  if (driver !== undefined || !isRecord(given) || 'url' in given) return false;
  return isGiven(given['host']) && !isGiven(given['database']);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function pglite(given: Record<string, unknown>, file: string): DrizzleConfig['credentials'] {
  const url = textField(given, 'url', 'dbCredentials.url', file);
  if (url === undefined) return missing(file, 'says nothing in dbCredentials.url');
  return { connection: { driver: 'pglite', dataDir: url.replace(/^file:(\/\/)?/, '') } };
}

function byUrl(
  given: Record<string, unknown>,
  dialect: Dialect,
  file: string,
): DrizzleConfig['credentials'] {
  const url = textField(given, 'url', 'dbCredentials.url', file);
  if (url === undefined) return missing(file, 'says nothing in dbCredentials.url');
  // drizzle-kit drops what stands beside a URL. Who writes `ssl` there means it.
  return given['ssl'] === undefined
    ? { url }
    : { url, connection: { ssl: tls(given['ssl'], dialect, undefined) } };
}

function byFields(
  given: Record<string, unknown>,
  dialect: Dialect,
  file: string,
): DrizzleConfig['credentials'] {
  const host = textField(given, 'host', 'dbCredentials.host', file);
  if (host === undefined) return missing(file, 'says nothing in dbCredentials.host');
  const database = textField(given, 'database', 'dbCredentials.database', file);
  if (database === undefined) {
    return configError(
      file,
      'The configuration file names a host and says nothing in dbCredentials.database. Most often the environment variable it reads is not set.',
      `Set that variable or dbCredentials.database in ${file}, or say which database it is: --url env:NAME.`,
    );
  }
  const ssl = tls(given['ssl'], dialect, host);
  const settings = {
    host,
    database,
    port: port(given['port'], file),
    user: textField(given, 'user', 'dbCredentials.user', file),
    password: password(given['password'], file),
    ssl,
  };
  return {
    connection: Object.fromEntries(
      Object.entries(settings).filter(([, value]) => value !== undefined),
    ),
  };
}

/**
 * What the driver gets for `ssl`, as drizzle-kit 0.31 maps it (source: its `connections` module): on Postgres `require`, `allow` and `prefer` are
 * TLS without a look at the certificate, `verify-full` is with. Left out, the kit asks for TLS too, and fails on servers without: so do we, except
 * for hosts that are this machine or have no domain, where the kit's users had to write `ssl: false`. MySQL: as it is.
 */
export function tls(ssl: unknown, dialect: Dialect, host: string | undefined): unknown {
  if (dialect === 'mysql') return ssl;
  switch (ssl) {
    case 'require':
    case 'allow':
    case 'prefer':
      return { rejectUnauthorized: false };
    case 'verify-full':
      return {};
    case undefined:
      return host === undefined || isNear(host) ? undefined : {};
    default:
      return ssl;
  }
}

/** A socket, this machine, or a name without a dot as compose files and Kubernetes namespaces have them. */
function isNear(host: string): boolean {
  return host.startsWith('/') || host.startsWith('127.') || host === '::1' || !/[.:]/.test(host);
}

function port(value: unknown, file: string): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 65_536) {
    return number;
  }
  throw wrongType(file, 'dbCredentials.port', value, 'a port number');
}

function password(value: unknown, file: string): unknown {
  if (value === undefined || typeof value === 'string' || typeof value === 'function') return value;
  throw wrongType(file, 'dbCredentials.password', value, 'a string or a function');
}

/** undefined where the field is absent or empty: both are what an environment variable that is not set comes to. */
function textField(
  from: Record<string, unknown>,
  key: string,
  path: string,
  file: string,
): string | undefined {
  const value = from[key];
  if (!isGiven(value)) return undefined;
  if (typeof value === 'string') return value;
  throw wrongType(file, path, value, 'a string');
}

function wrongType(file: string, field: string, value: unknown, allowed: string): MigratorError {
  const given = value === undefined ? 'nothing' : typeOf(value);
  return configError(file, `Field ${field}: ${given} was given, allowed is ${allowed}.`);
}

function missing(file: string, what: string): MigratorError {
  return configError(
    file,
    `The configuration file ${what}, and no URL was given otherwise. Most often the environment variable it reads is not set.`,
    'Set the variable (a .env file in the working directory is read), or set DATABASE_URL, or give --url env:NAME.',
  );
}

function unsupported(file: string, what: string): MigratorError {
  return new MigratorError('UNSUPPORTED_DIALECT', {
    message: `The configuration file names ${what}. Supported are PostgreSQL, PGlite, MySQL and MariaDB, each by its own driver.`,
    place: { file },
    state: 'Nothing was connected to and nothing was changed.',
    remedy: 'Use drizzle-kit for this database, or give --config with another file.',
  });
}
