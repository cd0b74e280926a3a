import { MigratorError, isMigratorError } from '../errors.js';
import type { DriverFacts } from '../errors.js';
import { driverFacts, messageOf } from './driver-facts.js';
import type { ConnectionTarget } from './connection-targets.js';
import type { ConnectOptions, Dialect } from './database.js';

/** What a connection error is told with. */
export interface ConnectContext {
  readonly dialect: Dialect;
  readonly label: string;
  readonly role: ConnectOptions['role'];
  readonly user: string | null;
  readonly database: string | null;
}

/** What errors may say about a target: everything but its password. */
export function contextOf(
  dialect: Dialect,
  { label, settings }: ConnectionTarget,
  role: ConnectOptions['role'],
): ConnectContext {
  const text = (name: string): string | null => {
    const value = settings[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  // Postgres takes the user's name where no database is named.
  const database = text('database') ?? (dialect === 'postgresql' ? text('user') : null);
  return { dialect, label, role, user: text('user'), database };
}

/** Not enough room, starting up, shutting down, cut off during the handshake: worth another try at once. */
export function isTransientConnectError(error: unknown): boolean {
  const { code = '', errno } = driverFacts(error);
  if (errno !== undefined) return errno === 1040 || errno === 1203 || errno === 1053;
  return (
    code === '53300' ||
    code === '57P03' ||
    // 08P01 is a protocol violation, such as a pooler's refusal of a parameter: it stays.
    (code.startsWith('08') && code !== '08P01') ||
    code === 'ECONNRESET' ||
    code === 'PROTOCOL_CONNECTION_LOST' ||
    messageOf(error).startsWith('Connection terminated unexpectedly')
  );
}

/** The one place that turns a driver's refusal to connect into an error for humans. The driver's text is looked at, never copied. */
export function connectError(error: unknown, context: ConnectContext): MigratorError {
  if (isMigratorError(error)) return error;
  const facts = driverFacts(error);
  return new MigratorError(...describe(facts, messageOf(error), context, error));
}

/** No answer in time; {@link unreachable} with its own words. */
export function connectTimeout(context: ConnectContext, timeoutMs: number): MigratorError {
  return new MigratorError('UNREACHABLE', {
    message: `${context.label} did not complete a connection within ${timeoutMs} ms.`,
    state: 'Nothing was changed.',
    remedy:
      'Check host, port, network policy and firewall, and whether the server is up or overloaded.',
    driver: { code: 'ETIMEDOUT' },
  });
}

/** A connection that stopped answering; it is given up. */
export function noAnswer(label: string, timeoutMs: number): MigratorError {
  return new MigratorError('UNREACHABLE', {
    message: `${label} did not answer a statement within ${timeoutMs} ms.`,
    state: 'The connection was given up.',
    remedy: 'Check the load of the server, and whether the statement waits for a lock.',
    driver: { code: 'ETIMEDOUT' },
  });
}

/** The server speaks another protocol. */
export function wrongDialect(
  context: ConnectContext,
  found: string,
  cause?: unknown,
): MigratorError {
  return new MigratorError('WRONG_DIALECT', {
    message: `${context.label} answers as ${found}, but the dialect is ${context.dialect}.`,
    state: 'Nothing was changed.',
    remedy: 'Correct database.dialect or the URL (host and port).',
    details: { found },
    cause,
  });
}

type Described = ConstructorParameters<typeof MigratorError>;

function describe(
  facts: DriverFacts,
  text: string,
  context: ConnectContext,
  cause: unknown,
): Described {
  const { label } = context;
  const common = { state: 'Nothing was changed.', driver: facts, cause };
  const as = context.user === null ? 'this user' : `user "${context.user}"`;
  const database =
    context.database === null ? 'the database' : `the database "${context.database}"`;
  switch (meaning(facts, text)) {
    case 'credentials':
      return [
        'CREDENTIALS',
        {
          ...common,
          message: `${label} refused ${as}: wrong user or password, or a login that the server does not allow from here.`,
          remedy: `Check user and password in database.${urlOption(context)}, and the server's rules for this host (pg_hba.conf; MySQL user@host).`,
        },
      ];
    case 'no password':
      return [
        'CREDENTIALS',
        {
          ...common,
          message: `${label} asks ${as} for a password, and none was given.`,
          remedy: `Put it percent-encoded into database.${urlOption(context)}, or give database.connection.password (a string or an async function).`,
        },
      ];
    case 'database missing':
      return [
        'DATABASE_MISSING',
        {
          ...common,
          message: `${label} is up, but ${database} does not exist.`,
          remedy: `CREATE DATABASE, or correct its name in database.${urlOption(context)}.`,
        },
      ];
    case 'privilege':
      return [
        'MISSING_PRIVILEGE',
        {
          ...common,
          message: `${label} does not let ${as} into ${database}: the privilege is missing${context.dialect === 'mysql' ? ', or there is no such database' : ''}.`,
          remedy:
            context.dialect === 'mysql'
              ? 'Create the database if it is missing, and GRANT this user its privileges on it.'
              : 'GRANT CONNECT ON DATABASE to this role.',
        },
      ];
    case 'tls':
      return [
        'CONFIGURATION',
        {
          ...common,
          message: `${label} and this client do not agree on TLS: the server does not offer it, or its certificate is not trusted.`,
          remedy:
            'Set database.connection.ssl as for the driver ({ ca } to trust the certificate), or sslmode in a Postgres URL.',
        },
      ];
    case 'pooler parameter':
      return [
        'UNREACHABLE',
        {
          ...common,
          message: `${label} refused the connection as a protocol violation. A connection pooler does that with startup parameters it does not know, and when it cannot log in behind it.`,
          remedy:
            'Remove options and time-outs from database.connection, look at the log of the pooler, or set database.migrationUrl to an address without it.',
        },
      ];
    case 'full':
      return [
        'UNREACHABLE',
        {
          ...common,
          message: `${label} has no connection left for ${as}.`,
          remedy:
            'Close sessions that are not needed, or raise max_connections (Postgres also: reserved_connections and the limit of the role).',
        },
      ];
    case 'starting':
      return [
        'UNREACHABLE',
        {
          ...common,
          message: `${label} is starting up, shutting down or recovering and takes no connections.`,
          remedy: 'Run the command again when the server is up.',
        },
      ];
    case 'unreachable':
      return [
        'UNREACHABLE',
        {
          ...common,
          message: `${label} cannot be reached${facts.code === undefined ? '' : ` (${facts.code})`}.`,
          remedy:
            'Check host, port, DNS, network policy and firewall, and whether the server is up.',
        },
      ];
  }
}

type Meaning =
  | 'credentials'
  | 'no password'
  | 'database missing'
  | 'privilege'
  | 'tls'
  | 'pooler parameter'
  | 'full'
  | 'starting'
  | 'unreachable';

/** First matching row decides. */
function meaning({ code = '', errno }: DriverFacts, text: string): Meaning {
  if (errno !== undefined) return mysqlMeaning(errno);
  switch (code) {
    case '28P01':
    case '28000':
    case 'AUTH_SWITCH_PLUGIN_ERROR':
      return 'credentials';
    case '3D000':
      return 'database missing';
    case '42501':
      return 'privilege';
    case '53300':
      return 'full';
    case '57P03':
    case '57P01':
    case '57P02':
      return 'starting';
    case '08P01':
      return 'pooler parameter';
    case 'EPROTO':
    case 'HANDSHAKE_SSL_ERROR':
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return 'tls';
  }
  // Node's certificate errors: DEPTH_ZERO_SELF_SIGNED_CERT, UNABLE_TO_VERIFY_LEAF_SIGNATURE, ERR_TLS_CERT_ALTNAME_INVALID, ...
  if (/CERT|^UNABLE_TO_|^ERR_(SSL|TLS)/.test(code)) return 'tls';
  // node-postgres has no codes for these two; the texts are its own.
  if (/does not support SSL|error establishing an SSL/i.test(text)) return 'tls';
  if (/client password must be a/i.test(text)) return 'no password';
  return 'unreachable';
}

function mysqlMeaning(errno: number): Meaning {
  switch (errno) {
    case 1045: // ER_ACCESS_DENIED_ERROR
    case 1698: // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
    case 1130: // ER_HOST_NOT_PRIVILEGED
    case 1129: // ER_HOST_IS_BLOCKED
    case 1251: // ER_NOT_SUPPORTED_AUTH_MODE
    case 1524: // ER_PLUGIN_IS_NOT_LOADED
    case 1862: // ER_MUST_CHANGE_PASSWORD_LOGIN
    case 3118: // ER_ACCOUNT_HAS_BEEN_LOCKED
    case 4151: // MariaDB: account locked
      return 'credentials';
    case 1049:
      return 'database missing';
    case 1044: // ER_DBACCESS_DENIED_ERROR, also for a database that does not exist
      return 'privilege';
    case 3159: // ER_SECURE_TRANSPORT_REQUIRED
      return 'tls';
    case 1040: // ER_CON_COUNT_ERROR
    case 1203: // ER_TOO_MANY_USER_CONNECTIONS
    case 1226: // ER_USER_LIMIT_REACHED
      return 'full';
    case 1053:
      return 'starting';
    default:
      return 'unreachable';
  }
}

function urlOption({ role }: ConnectContext): string {
  return role === 'runner' ? 'migrationUrl (or url)' : 'url';
}
