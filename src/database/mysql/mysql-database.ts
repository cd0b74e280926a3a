import { setTimeout as pause } from 'node:timers/promises';
import { connectError, contextOf, wrongDialect } from '../connect-error.js';
import type { ConnectContext } from '../connect-error.js';
import { connectWithRetry, untilAborted } from '../connect-with-retry.js';
import type { ConnectionTarget, ConnectionTargets } from '../connection-targets.js';
import type { ConnectOptions, Database, ServerInfo, Session } from '../database.js';
import { POOLER_TEST_TIMEOUT_MS, assertKeepsBackend, looksPooled } from '../pooler.js';
import { SessionLife } from '../session-life.js';
import { answersAsPostgres } from '../who-answers.js';
import { createConnection, handshake } from './create-connection.js';
import { loadMysql, send } from './driver.js';
import type { Mysql, MysqlConnection } from './driver.js';
import { introduce, isExempt, runnerSettings } from './introduce.js';
import { MysqlSession, destroyConnection } from './mysql-session.js';
import { serverInfo } from './server-info.js';

const READER_QUERY_TIMEOUT_MS = 500;
const CANCEL_TIMEOUT_MS = 5000;
/** How long a runner waits for a greeting before it asks whether the other end is a Postgres server. */
const SILENCE_MS = 1500;

/** A MySQL or MariaDB server. Sessions are connections of their own; nothing is shared or pooled. */
export function mysqlDatabase(targets: ConnectionTargets): Database {
  // What is between us and the server stays the same: the test is made once.
  let keepsBackend: Promise<void> | null = null;
  const testOnce = (test: () => Promise<void>): Promise<void> => {
    keepsBackend ??= test();
    return keepsBackend;
  };
  return {
    dialect: 'mysql',
    label: targets.reader.label,
    connect: async (options) => {
      const target = targets[options.role];
      const context = contextOf('mysql', target, options.role);
      const opening = { mysql: await loadMysql(), target, context, options, testOnce };
      return connectWithRetry(context, options, (signal) => open(opening, signal));
    },
    close: async () => {},
  };
}

interface Opening {
  readonly mysql: Mysql;
  readonly target: ConnectionTarget;
  readonly context: ConnectContext;
  readonly options: ConnectOptions;
  readonly testOnce: (test: () => Promise<void>) => Promise<void>;
}

async function open(opening: Opening, signal: AbortSignal): Promise<Session> {
  const { mysql, target, options } = opening;
  const connection = await createConnection(mysql, target, options, signal);
  const life = new SessionLife(target.label);
  const connected = handshake(connection);
  // An 'error' without a listener ends the process; 'end' comes alone when the server just closes its side.
  connection.on('error', (error) => life.lose(error));
  connection.on('end', () => life.lose());
  const stopListening = new AbortController();
  try {
    return await untilAborted(
      signal,
      Promise.race([
        connected.then(() => start(opening, connection, life)),
        refusePostgres(opening, connected, AbortSignal.any([signal, stopListening.signal])),
      ]),
      () => destroyConnection(connection),
    );
  } catch (error) {
    life.close();
    destroyConnection(connection);
    throw error;
  } finally {
    stopListening.abort();
  }
}

/** Settles only when the other end turns out to be Postgres. */
async function refusePostgres(
  { target, context, options }: Opening,
  connected: Promise<void>,
  signal: AbortSignal,
): Promise<never> {
  const forever = new Promise<never>(() => {});
  if (options.role === 'reader') return forever;
  const greeted = connected.then(
    () => true,
    () => true,
  );
  const silent = pause(SILENCE_MS, false, { signal }).catch(() => true);
  if (await Promise.race([greeted, silent])) return forever;
  const settings = { port: 3306, ...target.settings };
  if (await answersAsPostgres(settings, signal)) throw wrongDialect(context, 'PostgreSQL');
  return forever;
}

async function start(
  opening: Opening,
  connection: MysqlConnection,
  life: SessionLife,
): Promise<Session> {
  const { mysql, target, context, options } = opening;
  const runner = options.role === 'runner';
  const { server, backendId } = await introduced(opening, connection);
  return new MysqlSession({
    connection,
    life,
    server,
    backendId,
    label: target.label,
    queryTimeoutMs: options.queryTimeoutMs ?? (runner ? undefined : READER_QUERY_TIMEOUT_MS),
    cancelFromElsewhere: (id) => killQuery(mysql, target, context, id),
  });
}

async function introduced(
  opening: Opening,
  connection: MysqlConnection,
): Promise<{ readonly server: ServerInfo; readonly backendId: string }> {
  const { mysql, target, options } = opening;
  const runner = options.role === 'runner';
  if (!runner && options.known !== undefined)
    return { server: options.known, backendId: String(connection.threadId) };
  if (runner) await target.onConnect?.(connection);
  const row = await introduce(connection);
  const server = serverInfo(row, await isExempt(connection, row));
  if (runner) {
    // Proxies (ProxySQL, MaxScale) announce a connection id of their own.
    if (String(connection.threadId) !== row.id || looksPooled(target)) {
      await opening.testOnce(() => testPooler(mysql, target, connection, row.id));
    }
    await send(connection, runnerSettings(row.version));
  }
  return { server, backendId: row.id };
}

async function testPooler(
  mysql: Mysql,
  target: ConnectionTarget,
  connection: MysqlConnection,
  backendId: string,
): Promise<void> {
  const within = AbortSignal.timeout(POOLER_TEST_TIMEOUT_MS);
  await assertKeepsBackend({
    label: target.label,
    backendId,
    ask: () => untilAborted(within, connectionId(connection), () => {}),
    askInTransactionElsewhere: (during) =>
      withConnection(mysql, target, within, async (other) => {
        await send(other, 'START TRANSACTION');
        await during(await connectionId(other));
      }),
  });
}

async function connectionId(connection: MysqlConnection): Promise<string> {
  const rows = await send(connection, 'SELECT CAST(connection_id() AS CHAR) AS id');
  return (rows as ReadonlyArray<{ readonly id: string }>)[0]?.id ?? '';
}

async function killQuery(
  mysql: Mysql,
  target: ConnectionTarget,
  context: ConnectContext,
  id: string,
): Promise<void> {
  try {
    await withConnection(mysql, target, AbortSignal.timeout(CANCEL_TIMEOUT_MS), (connection) =>
      send(connection, `KILL QUERY ${BigInt(id)}`),
    );
  } catch (error) {
    throw connectError(error, context);
  }
}

/** A short-lived connection beside a session. */
async function withConnection(
  mysql: Mysql,
  target: ConnectionTarget,
  signal: AbortSignal,
  use: (connection: MysqlConnection) => Promise<unknown>,
): Promise<void> {
  const connection = await createConnection(mysql, target, { role: 'runner' }, signal);
  const release = (): void => destroyConnection(connection);
  try {
    await untilAborted(
      signal,
      handshake(connection).then(() => use(connection)),
      release,
    );
  } finally {
    release();
  }
}
