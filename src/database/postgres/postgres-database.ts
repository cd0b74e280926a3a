import { connectError, contextOf, wrongDialect } from '../connect-error.js';
import type { ConnectContext } from '../connect-error.js';
import { connectWithRetry, untilAborted } from '../connect-with-retry.js';
import type { ConnectionTarget, ConnectionTargets } from '../connection-targets.js';
import type { ConnectOptions, Database, ServerInfo, Session } from '../database.js';
import { messageOf } from '../driver-facts.js';
import { POOLER_TEST_TIMEOUT_MS, assertKeepsBackend, looksPooled } from '../pooler.js';
import { SessionLife } from '../session-life.js';
import { answersAsMysql } from '../who-answers.js';
import { createClient } from './create-client.js';
import { loadPg } from './driver.js';
import type { Pg, PgClient, PgResult } from './driver.js';
import { applySettings, introduceReader, introduceRunner } from './introduce.js';
import { PostgresSession, destroyClient } from './postgres-session.js';
import { cutApplicationName } from './runner-settings.js';
import { serverInfo } from './server-info.js';
import type { ServerInfoRow } from './server-info.js';

const READER_QUERY_TIMEOUT_MS = 500;
const CANCEL_TIMEOUT_MS = 5000;
/** A MySQL server greets as soon as it has accepted; a Postgres server waits for us. */
const GREETING_TIMEOUT_MS = 500;
const DEFAULT_APPLICATION_NAME = 'nest-migrate';

/** A Postgres server. Sessions are connections of their own; nothing is shared or pooled. */
export function postgresDatabase(targets: ConnectionTargets): Database {
  // What is between us and the server stays the same: the test is made once.
  let keepsBackend: Promise<void> | null = null;
  const testOnce = (test: () => Promise<void>): Promise<void> => {
    keepsBackend ??= test();
    return keepsBackend;
  };
  return {
    dialect: 'postgresql',
    label: targets.reader.label,
    connect: async (options) => {
      const target = targets[options.role];
      const context = contextOf('postgresql', target, options.role);
      const opening = { pg: await loadPg(), target, context, options, testOnce };
      return connectWithRetry(context, options, (signal) => open(opening, signal));
    },
    close: async () => {},
  };
}

interface Opening {
  readonly pg: Pg;
  readonly target: ConnectionTarget;
  readonly context: ConnectContext;
  readonly options: ConnectOptions;
  readonly testOnce: (test: () => Promise<void>) => Promise<void>;
}

async function open(opening: Opening, signal: AbortSignal): Promise<Session> {
  const { pg, target, options } = opening;
  const life = new SessionLife(target.label);
  const client = createClient(pg, target, options.role, (error) => life.lose(error));
  client.on('end', () => life.lose());
  try {
    return await untilAborted(signal, start(opening, client, life), () => destroyClient(client));
  } catch (error) {
    life.close();
    destroyClient(client);
    throw await explain(error, opening, signal);
  }
}

async function start(opening: Opening, client: PgClient, life: SessionLife): Promise<Session> {
  const { pg, target, context, options } = opening;
  await client.connect();
  const { server, backendId } = await introduced(opening, client);
  return new PostgresSession({
    pg,
    client,
    life,
    server,
    backendId,
    label: target.label,
    queryTimeoutMs:
      options.queryTimeoutMs ?? (options.role === 'runner' ? undefined : READER_QUERY_TIMEOUT_MS),
    cancelFromElsewhere: (pid) => cancelBackend(pg, target, context, pid),
  });
}

async function introduced(
  opening: Opening,
  client: PgClient,
): Promise<{ readonly server: ServerInfo; readonly backendId: string }> {
  const { role, known } = opening.options;
  if (role === 'reader' && known !== undefined)
    return { server: known, backendId: String(client.processID ?? '') };
  const row = await (role === 'runner' ? startRunner(opening, client) : introduceReader(client));
  return { server: serverInfo(row, 'postgresql', role), backendId: row.pid };
}

async function startRunner(opening: Opening, client: PgClient): Promise<ServerInfoRow> {
  const { pg, target, options, testOnce } = opening;
  await target.onConnect?.(client);
  await drained(client);
  const name = cutApplicationName(options.applicationName ?? DEFAULT_APPLICATION_NAME);
  const row = await introduceRunner(client, name);
  // Poolers announce a key of their own for cancel requests: another pid than that of the backend behind them.
  const proxied = String(client.processID ?? '') !== row.pid;
  if (proxied || looksPooled(target)) await testOnce(() => testPooler(pg, target, client, row.pid));
  if (proxied) await applySettings(client, name, row.pid);
  return row;
}

/** Hooks of a pool often do not wait for their queries; node-postgres warns when another one is sent meanwhile. */
async function drained(client: PgClient): Promise<void> {
  if (client.readyForQuery !== false) return;
  await new Promise<void>((resolve) => {
    client.once('drain', resolve);
    client.on('end', () => resolve());
  });
}

async function testPooler(
  pg: Pg,
  target: ConnectionTarget,
  client: PgClient,
  backendId: string,
): Promise<void> {
  const pid = 'SELECT pg_backend_pid()::text AS pid';
  const within = AbortSignal.timeout(POOLER_TEST_TIMEOUT_MS);
  await assertKeepsBackend({
    label: target.label,
    backendId,
    ask: () => untilAborted(within, ask(client, pid), () => {}),
    askInTransactionElsewhere: (during) =>
      withClient(pg, target, within, async (other) => {
        await during(await ask(other, `BEGIN; ${pid}`));
      }),
  });
}

async function ask(client: PgClient, text: string): Promise<string> {
  const result = await client.query({ text });
  const last: PgResult | undefined = Array.isArray(result) ? result.at(-1) : result;
  return String((last?.rows[0] as { pid?: unknown } | undefined)?.pid);
}

/** From a connection of its own: node-postgres has no safe cancel on the same client. */
async function cancelBackend(
  pg: Pg,
  target: ConnectionTarget,
  context: ConnectContext,
  pid: string,
): Promise<void> {
  try {
    await withClient(pg, target, AbortSignal.timeout(CANCEL_TIMEOUT_MS), (client) =>
      client.query({ text: 'SELECT pg_cancel_backend($1::int)', values: [pid] }),
    );
  } catch (error) {
    throw connectError(error, context);
  }
}

/** A short-lived connection beside a session. */
async function withClient(
  pg: Pg,
  target: ConnectionTarget,
  signal: AbortSignal,
  use: (client: PgClient) => Promise<unknown>,
): Promise<void> {
  // Its loss is told by the rejection of what is asked.
  const client = createClient(pg, target, 'runner', () => {});
  const release = (): void => destroyClient(client);
  try {
    await untilAborted(
      signal,
      client.connect().then(() => use(client)),
      release,
    );
  } finally {
    release();
  }
}

/** What node-postgres says when a MySQL server greets it, depending on the length of the greeting. */
const STRANGE_ANSWER = /^(received invalid response|Connection terminated unexpectedly)/;

async function explain(
  error: unknown,
  { target, context }: Opening,
  signal: AbortSignal,
): Promise<unknown> {
  const text = messageOf(error);
  if (!STRANGE_ANSWER.test(text)) return error;
  const settings = { port: 5432, ...target.settings };
  const within = AbortSignal.any([signal, AbortSignal.timeout(GREETING_TIMEOUT_MS)]);
  if (await answersAsMysql(settings, within))
    return wrongDialect(context, 'MySQL or MariaDB', error);
  return text.startsWith('received')
    ? wrongDialect(context, 'a server that is not PostgreSQL', error)
    : error;
}
