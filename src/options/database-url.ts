import type { Dialect } from '../database/database.js';
import { MigratorError } from '../errors.js';

const SCHEMES: Readonly<Record<string, Dialect>> = {
  'postgres:': 'postgresql',
  'postgresql:': 'postgresql',
  'mysql:': 'mysql',
  'mysql2:': 'mysql',
  'mariadb:': 'mysql',
};

/** Dialects of Drizzle, and URL schemes of such databases, that are refused by name. */
const OTHER_DIALECTS: Readonly<Record<string, string>> = {
  sqlite: 'sqlite',
  'sqlite-cloud': 'sqlite',
  file: 'sqlite',
  turso: 'turso',
  libsql: 'turso',
  singlestore: 'singlestore',
  gel: 'gel',
  edgedb: 'gel',
  mssql: 'mssql',
  sqlserver: 'mssql',
  cockroach: 'cockroach',
  cockroachdb: 'cockroach',
  duckdb: 'duckdb',
};

/** The known dialect that a word names although we do not serve it, or null. */
export function otherDialect(word: string): string | null {
  return OTHER_DIALECTS[word.toLowerCase()] ?? null;
}

/** What a connection URL says, as far as it may be shown. */
export interface DatabaseUrl {
  readonly dialect: Dialect;
  /** `host:port/database`, without credentials. */
  readonly label: string;
  readonly host: string;
  readonly database: string;
}

/**
 * Reads a connection URL, and refuses one that only looks right: `postgres://me:12/34@db/app` parses, as user-less host `me` on port 12.
 *
 * @param source where the URL came from, such as `database.url` or `DATABASE_URL`; the URL itself is never part of a message
 * @throws {MigratorError} `CONFIGURATION`, `UNSUPPORTED_DIALECT`
 */
export function parseDatabaseUrl(url: string, source: string): DatabaseUrl {
  const parsed = tryParse(url);
  const scheme = /^([a-z][a-z0-9+.-]*:)/i.exec(url)?.[1]?.toLowerCase();
  const dialect = scheme === undefined ? undefined : SCHEMES[scheme];
  const other = scheme === undefined ? undefined : OTHER_DIALECTS[scheme.slice(0, -1)];
  if (other !== undefined) throw unsupportedDialect(other, source);
  if (parsed === null || dialect === undefined || isMisread(parsed)) {
    throw new MigratorError('CONFIGURATION', {
      message: `${source} is not a connection URL such as postgresql://user:password@host:5432/database or mysql://user:password@host:3306/database.`,
      state: 'Nothing was connected to and nothing was changed.',
      remedy: `Percent-encode special characters in user and password of ${source} (# is %23, / is %2F, ? is %3F, @ is %40, % is %25, : is %3A), or give host, user and password one by one.`,
      details: { source },
    });
  }
  const database = decodeURIComponent(parsed.pathname.replace(/^\//, ''));
  return {
    dialect,
    label: `${parsed.host === '' ? '(socket)' : parsed.host}/${database}`,
    host: parsed.hostname,
    database,
  };
}

/**
 * The error for a dialect that this package does not serve.
 * @param source where it was named
 */
export function unsupportedDialect(dialect: string, source: string): MigratorError {
  return new MigratorError('UNSUPPORTED_DIALECT', {
    message: `${source} names the dialect ${dialect}; supported are postgresql (also PGlite) and mysql (also MariaDB).`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: `Use drizzle-kit for ${dialect} databases, or name another one in ${source}.`,
    details: { dialect, source },
  });
}

function tryParse(url: string): URL | null {
  try {
    const parsed = new URL(url);
    decodeURIComponent(parsed.username);
    decodeURIComponent(parsed.password);
    decodeURIComponent(parsed.pathname);
    return parsed;
  } catch {
    return null; // the message of the TypeError repeats the URL
  }
}

/** A `#`, `/` or `?` in a password ends the authority early: then the `@` stands further right. */
function isMisread(url: URL): boolean {
  const parameters = [...url.searchParams.keys()].join('');
  return url.hash !== '' || url.pathname.includes('@') || parameters.includes('@');
}
