import type { DriverFacts } from '../errors.js';
import type { Flavour, StatementErrorKind } from './database.js';

/** Codes are symbols; anything else under that name is not a code and may hold text. */
const SYMBOL = /^[A-Za-z0-9_]{1,64}$/;
/** Longest object name we repeat: Postgres 63 bytes, MySQL 64 characters. */
const NAME_LENGTH = 64;

/**
 * SQLSTATE classes of Postgres's own. In others, P0001 first of all, a function chose the object's name (`RAISE ... USING TABLE = ...`)
 * and may have put a row's value there.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SERVER_CLASSES = /^(?:0[A-Z]|2[2-9BDF]|3[489BDF]|4[024]|5[3-8]|72|F0|XX)[0-9A-Z]{3}$/;

/**
 * The allow-listed facts of a driver's error, of its cause where the error itself is a wrapper (DrizzleQueryError).
 * Never reads `message`, `detail`, `where`, `hint`, `query`, `sql` or `parameters`: those hold row values and statements.
 */
export function driverFacts(error: unknown, flavour?: Flavour): DriverFacts {
  const source = carrier(error);
  if (source === null) return {};
  const errno = source['errno'];
  const code = isForeignSymbol(errno, flavour) ? undefined : symbol(source['code']);
  const sqlState = symbol(source['sqlState']);
  const severity = symbol(source['severity']);
  const routine = symbol(source['routine']);
  const position = count(source['position']);
  const named = serverNamesObjects(code, routine) ? source : {};
  const schema = name(named['schema']);
  const table = name(named['table']);
  const column = name(named['column']);
  const constraint = name(named['constraint']);
  const dataType = name(named['dataType']);
  return {
    ...(code !== undefined && { code }),
    // Node's system errors have a negative errno; MySQL's are positive.
    ...(typeof errno === 'number' && errno > 0 && { errno }),
    ...(sqlState !== undefined && { sqlState }),
    ...(severity !== undefined && { severity }),
    ...(schema !== undefined && { schema }),
    ...(table !== undefined && { table }),
    ...(column !== undefined && { column }),
    ...(constraint !== undefined && { constraint }),
    ...(dataType !== undefined && { dataType }),
    ...(routine !== undefined && { routine }),
    ...(position !== undefined && { position }),
  };
}

/** Whether the object names are the server's: a code of its own, and not raised by PL/pgSQL, which may raise any code. */
function serverNamesObjects(code: string | undefined, routine: string | undefined): boolean {
  return code !== undefined && SERVER_CLASSES.test(code) && routine !== 'exec_stmt_raise';
}

/**
 * mysql2 looks numbers up in MySQL's table; MariaDB's own begin at 1900 and mean other things there.
 *
 * @see https://mariadb.com/docs/server/reference/error-codes/mariadb-error-code-reference
 */
function isForeignSymbol(errno: unknown, flavour: Flavour | undefined): boolean {
  return flavour === 'mariadb' && typeof errno === 'number' && errno >= 1900;
}

/** What a refused statement means, from the dialect's code; see {@link StatementErrorKind}. */
export function statementErrorKind(error: unknown): StatementErrorKind {
  const facts = driverFacts(error);
  if (facts.errno !== undefined) return mysqlKind(facts.errno, messageOf(error));
  return facts.code === undefined ? 'other' : postgresKind(facts.code, messageOf(error));
}

/**
 * Whether an error says that the connection is gone, as opposed to a statement that was refused.
 * Postgres: class 08, the 57P shutdowns, time-outs that end the session. MySQL: killed connections, shutdown, client errors.
 */
export function isConnectionError(error: unknown): boolean {
  const { code = '', errno } = driverFacts(error);
  if (errno !== undefined) return MYSQL_CONNECTION_ERRNOS.has(errno);
  return (
    /^08/.test(code) ||
    POSTGRES_SESSION_ENDS.has(code) ||
    SYSTEM_CODES.has(code) ||
    // mysql2's own: PROTOCOL_CONNECTION_LOST, PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR, PROTOCOL_SEQUENCE_TIMEOUT, ...
    code.startsWith('PROTOCOL_') ||
    // node-postgres has no code for these; the text is its own, so nothing of ours is in it.
    (code === '' &&
      /^(Connection terminated|Client (has encountered|was closed)|timeout expired|read ECONN|write EPIPE)/.test(
        messageOf(error),
      ))
  );
}

/** admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, idle_in_transaction_session_timeout, transaction_timeout. */
const POSTGRES_SESSION_ENDS: ReadonlySet<string> = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25P03',
  '25P04',
]);

const SYSTEM_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** Server shutdown, normal shutdown, aborted connections, connection killed (MariaDB), idle time-out (MySQL 8.0.24+). */
const MYSQL_CONNECTION_ERRNOS: ReadonlySet<number> = new Set([
  1053, 1077, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031,
]);

function postgresKind(sqlState: string, message: string): StatementErrorKind {
  switch (sqlState) {
    case '55P03':
      return 'lock-timeout';
    case '40P01':
      return 'deadlock';
    case '40001':
      return 'serialization';
    case '57014':
      // One SQLSTATE for both; only the text tells, and it may be translated (lc_messages): then it counts as cancelled.
      return /statement timeout/i.test(message) ? 'statement-timeout' : 'cancelled';
    case '42P01':
      return 'missing-table';
    case '3F000':
      return 'missing-schema';
    case '42501':
      return 'privilege';
    case '25006':
      return 'read-only';
    case '42P07':
    case '42710':
    case '42701':
    case '42P06':
    case '42723':
    case '42P04':
      return 'duplicate-object';
    case '25001':
      return 'not-in-transaction';
    default:
      return 'other';
  }
}

function mysqlKind(errno: number, message: string): StatementErrorKind {
  switch (errno) {
    case 1205: // ER_LOCK_WAIT_TIMEOUT, rows and metadata locks alike
    case 3572: // ER_LOCK_NOWAIT
      return 'lock-timeout';
    case 1213:
      return 'deadlock';
    case 1317:
      return 'cancelled';
    case 3024: // ER_QUERY_TIMEOUT
    case 1969: // ER_STATEMENT_TIMEOUT (MariaDB)
      return 'statement-timeout';
    case 1146:
    case 1051:
      return 'missing-table';
    case 1049:
      return 'missing-schema';
    case 1044:
    case 1045:
    case 1142:
    case 1143:
    case 1227:
    case 1370:
    case 1410:
    case 1419:
      return 'privilege';
    case 1290:
      // ER_OPTION_PREVENTS_STATEMENT is also what --secure-file-priv says.
      return /read.only/i.test(message) ? 'read-only' : 'other';
    case 1792:
    case 1836:
      return 'read-only';
    case 1007:
    case 1050:
    case 1060:
    case 1061:
    case 1304:
    case 1359:
    case 1537:
    case 1826:
    case 3822:
      return 'duplicate-object';
    default:
      return 'other';
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The error in the chain of causes that carries a code. */
function carrier(error: unknown): Fields | null {
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    const fields = current as Fields;
    if (symbol(fields['code']) !== undefined || typeof fields['errno'] === 'number') return fields;
    current = fields['cause'];
  }
  return null;
}

/** An error's text, of the one in the chain that carries a code: for looking at, never for copying. Not by `instanceof`, which fails across realms. */
export function messageOf(error: unknown): string {
  const source = carrier(error) ?? error;
  return source !== null && typeof source === 'object' && 'message' in source
    ? String(source.message)
    : '';
}

function symbol(value: unknown): string | undefined {
  return typeof value === 'string' && SYMBOL.test(value) ? value : undefined;
}

/** Postgres's numbers arrive as text. */
function count(value: unknown): number | undefined {
  return typeof value === 'string' && /^[1-9]\d{0,9}$/.test(value) ? Number(value) : undefined;
}

function name(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, NAME_LENGTH) : undefined;
}
