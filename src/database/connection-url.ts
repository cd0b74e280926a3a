import { MigratorError } from '../errors.js';
import type { Dialect } from './database.js';

/** Connection settings by the names that pg and mysql2 share; what the URL does not say is absent. */
export type Settings = Readonly<Record<string, unknown>>;

/** What a connection URL comes to. */
export type ParsedUrl =
  | { readonly driver: 'pglite'; readonly dataDir: string }
  | { readonly driver: 'pg' | 'mysql2'; readonly settings: Settings };

const SCHEMES: Readonly<Record<string, 'pg' | 'mysql2' | 'pglite'>> = {
  'postgres:': 'pg',
  'postgresql:': 'pg',
  'mysql:': 'mysql2',
  'mysql2:': 'mysql2',
  'mariadb:': 'mysql2',
  'pglite:': 'pglite',
  'memory:': 'pglite',
};

/** Schemes of databases that Drizzle knows and we do not, by the name a reader expects. */
const UNSUPPORTED_SCHEMES: Readonly<Record<string, string>> = {
  'file:': 'SQLite',
  'sqlite:': 'SQLite',
  'sqlite3:': 'SQLite',
  'libsql:': 'libSQL (Turso)',
  'http:': 'a database behind HTTP',
  'https:': 'a database behind HTTP',
  'ws:': 'a database behind WebSockets',
  'wss:': 'a database behind WebSockets',
  'mssql:': 'SQL Server',
  'sqlserver:': 'SQL Server',
  'singlestore:': 'SingleStore',
  'cockroachdb:': 'CockroachDB',
  'cockroach:': 'CockroachDB',
  'gel:': 'Gel',
  'edgedb:': 'Gel',
  'mongodb:': 'MongoDB',
  'mongodb+srv:': 'MongoDB',
};

/** Parameters of a Postgres URL that say where and as whom; the time-outs among the others would become startup parameters. */
const POSTGRES_PARAMETERS = ['host', 'port', 'user', 'password', 'options', 'client_encoding'];
const MYSQL_PARAMETERS = ['ssl', 'socketPath', 'charset', 'compress', 'enableCleartextPlugin'];

/**
 * Parses a connection URL. Never repeats any of it in an error: the password may be anywhere in a URL that does not parse.
 * An `@` in the password need not be encoded (the last one counts, as for pg and mysql2); `/`, `#` and `?` must be.
 * @param option name of the option the URL came from, for the message
 * @throws {MigratorError} `CONFIGURATION`, `UNSUPPORTED_DIALECT`, `WRONG_DIALECT`
 */
export function parseConnectionUrl(dialect: Dialect, url: string, option: string): ParsedUrl {
  const scheme = /^([a-z][a-z0-9+.-]*:)/i.exec(url.trim())?.[1]?.toLowerCase();
  const unsupported = scheme === undefined ? undefined : UNSUPPORTED_SCHEMES[scheme];
  if (unsupported !== undefined) throw unsupportedDatabase(unsupported);
  const driver = scheme === undefined ? undefined : SCHEMES[scheme];
  if (scheme === undefined || driver === undefined) {
    throw new MigratorError('CONFIGURATION', {
      message: `${option} is not a connection URL: it does not begin with ${dialect === 'mysql' ? 'mysql://' : 'postgresql://'}.`,
      state: 'Nothing was connected to and nothing was changed.',
      remedy: `Give ${option} as ${example(dialect)}.`,
    });
  }
  if ((driver === 'mysql2') !== (dialect === 'mysql')) {
    throw new MigratorError('WRONG_DIALECT', {
      message: `${option} begins with ${scheme}// but the dialect is ${dialect}.`,
      state: 'Nothing was connected to and nothing was changed.',
      remedy: `Set dialect to ${driver === 'mysql2' ? "'mysql'" : "'postgresql'"}, or give the URL of a ${dialect} database.`,
    });
  }
  if (driver === 'pglite') return { driver, dataDir: pgliteDirectory(url.trim()) };
  const parsed = parse(url.trim());
  if (parsed === null || !isPlausible(parsed)) throw notParsable(dialect, option);
  return {
    driver,
    settings: driver === 'pg' ? postgresSettings(parsed) : mysqlSettings(parsed),
  };
}

/** The error for databases that Drizzle may know and we do not. */
export function unsupportedDatabase(name: string): MigratorError {
  return new MigratorError('UNSUPPORTED_DIALECT', {
    message: `This is ${name}. Supported are PostgreSQL, PGlite, MySQL and MariaDB.`,
    state: 'Nothing was changed.',
    remedy: 'Point the options at a PostgreSQL, MySQL or MariaDB server.',
    details: { found: name },
  });
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    // `user@/db?host=/socket/dir`: libpq and pg allow an empty host there, WHATWG URL does not.
    try {
      const standIn = new URL(url.replace('@/', '@socket.invalid/'));
      return standIn.hostname === 'socket.invalid' ? standIn : null;
    } catch {
      return null;
    }
  }
}

/** A `/`, `#` or `?` in the password ends the authority early, and the rest with its `@` lands in path, query or fragment. */
function isPlausible(url: URL): boolean {
  return (
    url.hash === '' &&
    !url.pathname.includes('@') &&
    !(url.search.split('=', 1)[0] ?? '').includes('@')
  );
}

function notParsable(dialect: Dialect, option: string): MigratorError {
  return new MigratorError('CONFIGURATION', {
    message: `${option} cannot be parsed as a URL. Its user or password probably holds one of @ / # ? : % [ ] without percent-encoding.`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: `Percent-encode user and password (encodeURIComponent in Node; "@" is %40, "/" is %2F, "#" is %23, "?" is %3F), as in ${example(dialect)}.`,
  });
}

function postgresSettings(url: URL): Settings {
  const given: Record<string, unknown> = authority(url);
  for (const name of POSTGRES_PARAMETERS) {
    const value = url.searchParams.get(name);
    if (value !== null && value !== '') given[name] = name === 'port' ? Number(value) : value;
  }
  return given;
}

function mysqlSettings(url: URL): Settings {
  const given: Record<string, unknown> = authority(url);
  for (const name of MYSQL_PARAMETERS) {
    const value = url.searchParams.get(name);
    if (value !== null) given[name] = jsonOrText(value);
  }
  return given;
}

function authority(url: URL): Record<string, unknown> {
  const host = url.hostname === 'socket.invalid' ? '' : url.hostname;
  const parts: Record<string, string | number> = {
    host: decode(host.replace(/^\[(.*)\]$/, '$1')),
    user: decode(url.username),
    password: decode(url.password),
    database: decode(url.pathname.slice(1)),
    port: url.port === '' ? '' : Number(url.port),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== ''));
}

/** A lone `%` is no escape: pg takes such text as it stands, and so do we. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** As mysql2 reads the parameters of its URLs: `ssl={"rejectUnauthorized":true}`. */
function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** `pglite://./data`, `pglite:///var/data`, `pglite:data`, `memory://`. */
function pgliteDirectory(url: string): string {
  if (/^memory:/i.test(url)) return 'memory://';
  const directory = decode(url.replace(/^pglite:(\/\/)?/i, ''));
  return directory === '' || directory === 'memory' ? 'memory://' : directory;
}

function example(dialect: Dialect): string {
  return dialect === 'mysql'
    ? 'mysql://user:password@host:3306/database'
    : 'postgresql://user:password@host:5432/database';
}
