import { MigratorError } from '../../errors.js';
import { connectError, wrongDialect } from '../connect-error.js';
import type { ConnectContext } from '../connect-error.js';
import { connectWithRetry, untilAborted } from '../connect-with-retry.js';
import type { ConnectionTarget, ConnectionTargets } from '../connection-targets.js';
import type { Settings } from '../connection-url.js';
import type { ConnectOptions, Database, Session } from '../database.js';
import { driverFacts, isConnectionError } from '../driver-facts.js';
import { SessionLife } from '../session-life.js';
import { loadPg } from './driver.js';
import type { Pg, PgClient, PgResult } from './driver.js';
import { PostgresSession, destroyClient } from './postgres-session.js';
import { CONNECTION_CHECK_REFUSED, cutApplicationName, settingColumns } from './runner-settings.js';
import { SERVER_INFO_COLUMNS, assertPostgres, serverInfo } from './server-info.js';
import type { ServerInfoRow } from './server-info.js';
import { parserOf } from './types.js';

const READER_QUERY_TIMEOUT_MS = 500;
const CANCEL_TIMEOUT_MS = 5000;
const DEFAULT_APPLICATION_NAME = 'nest-migrate';

/** Settings of the user's that are passed on. Time-outs and pool sizes are not: migrations take as long as they take, and readers send no startup parameters. */
const PASSED_ON = [
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl',
  'sslnegotiation',
  'enableChannelBinding',
  'scramMaxIterations',
  'options',
  'client_encoding',
  'stream',
];

/** A Postgres server. Sessions are connections of their own; nothing is shared or pooled. */
export function postgresDatabase(targets: ConnectionTargets): Database {
  return {
    dialect: 'postgresql',
    label: targets.reader.label,
    connect: (options) => connect(targets[options.role], options),
    close: async () => {},
  };
}

async function connect(target: ConnectionTarget, options: ConnectOptions): Promise<Session> {
  const pg = await loadPg();
  const context = contextOf(target, options);
  return connectWithRetry(context, options, (signal) => open(pg, target, context, options, signal));
}

async function open(
  pg: Pg,
  target: ConnectionTarget,
  context: ConnectContext,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Session> {
  const client = createClient(pg, target, options);
  const life = new SessionLife(target.label);
  // Before connecting: an 'error' without a listener ends the process.
  client.on('error', (error) => life.lose(error));
  client.on('end', () => life.lose());
  try {
    return await untilAborted(signal, start(pg, client, life, target, context, options), () =>
      destroyClient(client),
    );
  } catch (error) {
    life.close();
    destroyClient(client);
    throw explain(error, context);
  }
}

async function start(
  pg: Pg,
  client: PgClient,
  life: SessionLife,
  target: ConnectionTarget,
  context: ConnectContext,
  options: ConnectOptions,
): Promise<Session> {
  await client.connect();
  const runner = options.role === 'runner';
  if (runner) await target.onConnect?.(client);
  const name = cutApplicationName(options.applicationName ?? DEFAULT_APPLICATION_NAME);
  const row = runner ? await introduceRunner(client, name) : await introduce(client);
  const server = serverInfo(row, 'postgresql', options.role);
  return new PostgresSession({
    pg,
    client,
    life,
    server,
    backendId: row.pid,
    label: target.label,
    queryTimeoutMs: options.queryTimeoutMs ?? (runner ? undefined : READER_QUERY_TIMEOUT_MS),
    cancelFromElsewhere: (pid) => cancelBackend(pg, target, context, pid),
    applySettings: async (session) => {
      await session.query(`SELECT ${settingColumns({ connectionCheck: true })}`, [
        name,
        session.backendId,
      ]);
    },
  });
}

/** One round trip, simple protocol: what a reader does behind any pooler. */
async function introduce(client: PgClient): Promise<ServerInfoRow> {
  return firstRow(await client.query({ text: `SELECT ${SERVER_INFO_COLUMNS}`, types: OUR_TYPES }));
}

/** One round trip for facts and settings; a second one where the server refuses `client_connection_check_interval`. */
async function introduceRunner(client: PgClient, name: string): Promise<ServerInfoRow> {
  const ask = async (connectionCheck: boolean): Promise<ServerInfoRow> =>
    firstRow(
      await client.query({
        text: `SELECT ${SERVER_INFO_COLUMNS},\n  ${settingColumns({ connectionCheck })}`,
        values: [name, client.processID ?? 0],
        types: OUR_TYPES,
      }),
    );
  try {
    return await ask(true);
  } catch (error) {
    if (driverFacts(error).code === CONNECTION_CHECK_REFUSED) return ask(false);
    if (!isConnectionError(error)) await refuseImposter(client);
    throw error;
  }
}

/** A server that does not understand the question may still say what it is. */
async function refuseImposter(client: PgClient): Promise<void> {
  const answer = await client.query({ text: 'SELECT version() AS version' });
  assertPostgres(firstRow(answer).version);
}

const OUR_TYPES = {
  getTypeParser: (oid: number) => parserOf(oid) ?? ((value: string): unknown => value),
};

function firstRow(result: PgResult | PgResult[]): ServerInfoRow {
  const row = (Array.isArray(result) ? result[0] : result)?.rows[0];
  if (row === undefined) {
    throw new MigratorError('UNSUPPORTED_DIALECT', {
      message: 'The server answered a question about itself with no row. It is not PostgreSQL.',
      remedy: 'Point the options at a PostgreSQL server.',
    });
  }
  return row as ServerInfoRow;
}

/** From a connection of its own: node-postgres has no safe cancel on the same client. */
async function cancelBackend(
  pg: Pg,
  target: ConnectionTarget,
  context: ConnectContext,
  pid: string,
): Promise<void> {
  const client = createClient(pg, target, { role: 'runner' });
  // Its loss is told by the rejection of what follows.
  client.on('error', () => {});
  try {
    await untilAborted(
      AbortSignal.timeout(CANCEL_TIMEOUT_MS),
      client
        .connect()
        .then(() => client.query({ text: 'SELECT pg_cancel_backend($1::int)', values: [pid] })),
      () => destroyClient(client),
    );
    await client.end();
  } catch (error) {
    destroyClient(client);
    throw connectError(error, context);
  }
}

function createClient(
  pg: Pg,
  target: ConnectionTarget,
  { role }: Pick<ConnectOptions, 'role'>,
): PgClient {
  const config: Record<string, unknown> = {};
  for (const name of PASSED_ON) {
    const value = target.settings[name];
    if (value !== undefined && value !== null) config[name] = value;
  }
  const { ssl } = config;
  const tls = ssl === undefined ? tlsOfUrl(pg, target.url) : ssl;
  return new pg.Client({
    ...config,
    // A copy: node-postgres hides the key on the object it is given.
    ...(tls !== undefined && { ssl: isPlainObject(tls) ? { ...tls } : tls }),
    keepAlive: role === 'runner',
    // Anything else here would be a startup parameter, which poolers refuse.
    statement_timeout: false,
    lock_timeout: false,
    idle_in_transaction_session_timeout: false,
  });
}

/** `sslmode`, `sslrootcert`, ... as node-postgres itself reads them, so that a URL means the same to us as to the application. */
function tlsOfUrl(pg: Pg, url: string | null): unknown {
  if (url === null || !/[?&](ssl|uselibpqcompat)/i.test(url)) return undefined;
  try {
    return new pg.Client({ connectionString: url }).ssl;
  } catch (error) {
    throw new MigratorError('CONFIGURATION', {
      message: `The TLS parameters of the URL cannot be used${systemCode(error)}.`,
      remedy: 'Check sslmode, and that the files of sslrootcert, sslcert and sslkey can be read.',
      cause: error,
    });
  }
}

function systemCode(error: unknown): string {
  const { code } = driverFacts(error);
  return code === undefined ? '' : ` (${code})`;
}

/** A MySQL server greets first; node-postgres reads the greeting as a message of an unknown kind. */
function explain(error: unknown, context: ConnectContext): unknown {
  const text = error instanceof Error ? error.message : '';
  return /received invalid response|Unknown message/i.test(text)
    ? wrongDialect(
        context,
        'a server that is not PostgreSQL (MySQL or MariaDB greet like this)',
        error,
      )
    : error;
}

function contextOf(
  { label, settings }: ConnectionTarget,
  { role }: ConnectOptions,
): ConnectContext {
  return {
    dialect: 'postgresql',
    label,
    role,
    user: textOf(settings, 'user'),
    database: textOf(settings, 'database') ?? textOf(settings, 'user'),
  };
}

function textOf(settings: Settings, name: string): string | null {
  const value = settings[name];
  return typeof value === 'string' ? value : null;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
