import { MigratorError } from '../../errors.js';
import { connectError } from '../connect-error.js';
import type { ConnectContext } from '../connect-error.js';
import { connectWithRetry, untilAborted } from '../connect-with-retry.js';
import type { ConnectionTarget, ConnectionTargets } from '../connection-targets.js';
import type { ConnectOptions, Database, Session } from '../database.js';
import { isConnectionError } from '../driver-facts.js';
import { SessionLife } from '../session-life.js';
import { bindParameters } from './bind-parameters.js';
import { loadMysql, send } from './driver.js';
import type { Mysql, MysqlConnection } from './driver.js';
import { MysqlSession, destroyConnection } from './mysql-session.js';
import {
  EXEMPT_SQL,
  SERVER_INFO_SQL,
  assertMysql,
  granteeOf,
  isOn,
  readVersion,
  serverInfo,
} from './server-info.js';
import type { ServerInfoRow } from './server-info.js';

const READER_QUERY_TIMEOUT_MS = 500;
const CANCEL_TIMEOUT_MS = 5000;
const DEFAULT_APPLICATION_NAME = 'nest-migrate';

/** Settings of the user's that are passed on: where, as whom, how. What changes how rows arrive is ours. mysql2 complains on the console about names it does not know. */
const PASSED_ON = [
  'host',
  'port',
  'localAddress',
  'socketPath',
  'user',
  'password',
  'password1',
  'password2',
  'password3',
  'passwordSha1',
  'database',
  'ssl',
  'charset',
  'charsetNumber',
  'compress',
  'authPlugins',
  'authSwitchHandler',
  'insecureAuth',
  'enableCleartextPlugin',
  'stream',
];

/** A MySQL or MariaDB server. Sessions are connections of their own; nothing is shared or pooled. */
export function mysqlDatabase(targets: ConnectionTargets): Database {
  return {
    dialect: 'mysql',
    label: targets.reader.label,
    connect: (options) => connect(targets[options.role], options),
    close: async () => {},
  };
}

async function connect(target: ConnectionTarget, options: ConnectOptions): Promise<Session> {
  const mysql = await loadMysql();
  const context = contextOf(target, options);
  return connectWithRetry(context, options, (signal) =>
    open(mysql, target, context, options, signal),
  );
}

async function open(
  mysql: Mysql,
  target: ConnectionTarget,
  context: ConnectContext,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Session> {
  const connection = await createConnection(mysql, target, options);
  const life = new SessionLife(target.label);
  const connected = handshake(connection);
  // An 'error' without a listener ends the process; 'end' comes alone when the server just closes its side.
  connection.on('error', (error) => life.lose(error));
  connection.on('end', () => life.lose());
  try {
    return await untilAborted(
      signal,
      connected.then(() => start(mysql, connection, life, target, context, options)),
      () => destroyConnection(connection),
    );
  } catch (error) {
    life.close();
    destroyConnection(connection);
    throw error;
  }
}

function handshake(connection: MysqlConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on('connect', () => resolve());
    connection.on('error', (error) =>
      reject(error instanceof Error ? error : new Error('mysql2 failed', { cause: error })),
    );
  });
}

async function start(
  mysql: Mysql,
  connection: MysqlConnection,
  life: SessionLife,
  target: ConnectionTarget,
  context: ConnectContext,
  options: ConnectOptions,
): Promise<Session> {
  const runner = options.role === 'runner';
  if (runner) await target.onConnect?.(connection);
  const row = await introduce(connection);
  const exempt = isOn(row.read_only) && (await isExempt(connection, row));
  const server = serverInfo(row, exempt);
  if (runner) await send(connection, runnerSettings(row.version));
  return new MysqlSession({
    connection,
    life,
    server,
    backendId: row.id,
    label: target.label,
    queryTimeoutMs: options.queryTimeoutMs ?? (runner ? undefined : READER_QUERY_TIMEOUT_MS),
    cancelFromElsewhere: (id) => killQuery(mysql, target, context, id),
  });
}

async function introduce(connection: MysqlConnection): Promise<ServerInfoRow> {
  try {
    return ((await send(connection, SERVER_INFO_SQL)) as ServerInfoRow[])[0] as ServerInfoRow;
  } catch (error) {
    if (isConnectionError(error)) throw error;
    // A server that does not know these variables may still say what it is.
    const rows = (await send(connection, 'SELECT version() AS version')) as ServerInfoRow[];
    assertMysql(rows[0]?.version ?? '', null);
    throw error;
  }
}

async function isExempt(connection: MysqlConnection, { user }: ServerInfoRow): Promise<boolean> {
  const rows = await send(connection, bindParameters(EXEMPT_SQL, [granteeOf(user)]));
  return Array.isArray(rows) && rows.length > 0;
}

/**
 * An idle holder of the lock is not disconnected, no statement is cut by a time-out of the server,
 * and none waits longer than a second for a metadata lock (the smallest value; the ladder tries again).
 */
function runnerSettings(version: string): string {
  const statementTimeout =
    readVersion(version).flavour === 'mariadb'
      ? 'max_statement_time = 0'
      : 'max_execution_time = 0';
  return `SET SESSION wait_timeout = 28800, lock_wait_timeout = 1, ${statementTimeout}`;
}

async function killQuery(
  mysql: Mysql,
  target: ConnectionTarget,
  context: ConnectContext,
  id: string,
): Promise<void> {
  const connection = await createConnection(mysql, target, { role: 'runner' });
  const connected = handshake(connection);
  try {
    await untilAborted(
      AbortSignal.timeout(CANCEL_TIMEOUT_MS),
      connected.then(() => send(connection, `KILL QUERY ${BigInt(id)}`)),
      () => destroyConnection(connection),
    );
  } catch (error) {
    throw connectError(error, context);
  } finally {
    destroyConnection(connection);
  }
}

async function createConnection(
  mysql: Mysql,
  target: ConnectionTarget,
  options: ConnectOptions,
): Promise<MysqlConnection> {
  const config: Record<string, unknown> = {};
  for (const name of PASSED_ON) {
    const value = target.settings[name];
    if (value !== undefined && value !== null) config[name] = value;
  }
  const { ssl, password } = config;
  return mysql.createConnection({
    ...config,
    // A copy: mysql2 writes into the object it is given.
    ...(typeof ssl === 'object' && { ssl: { ...ssl } }),
    // mysql2 takes no function here; node-postgres does, and IAM or Vault need one.
    ...(isFunction(password) && { password: await callPassword(password) }),
    ...(options.role === 'runner' && {
      connectAttributes: { program_name: options.applicationName ?? DEFAULT_APPLICATION_NAME },
    }),
    // Ours is the only clock.
    connectTimeout: 0,
    enableKeepAlive: true,
    keepAliveInitialDelay: 30_000,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    multipleStatements: false,
  });
}

async function callPassword(password: () => unknown): Promise<string> {
  let given: unknown;
  try {
    given = await password();
  } catch (error) {
    throw new MigratorError('CREDENTIALS', {
      message: 'The function database.connection.password failed.',
      state: 'Nothing was changed.',
      remedy: 'Look at what it calls (IAM, Vault): it runs for every new connection.',
      cause: error,
    });
  }
  if (typeof given === 'string') return given;
  throw new MigratorError('CREDENTIALS', {
    message: `The function database.connection.password returned ${given === null ? 'null' : typeof given} instead of a string.`,
    state: 'Nothing was changed.',
    remedy: 'Return the password, or a promise of it.',
  });
}

function contextOf(
  { label, settings }: ConnectionTarget,
  { role }: ConnectOptions,
): ConnectContext {
  const text = (name: string): string | null => {
    const value = settings[name];
    return typeof value === 'string' ? value : null;
  };
  return { dialect: 'mysql', label, role, user: text('user'), database: text('database') };
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === 'function';
}
