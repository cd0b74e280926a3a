import { MigratorError } from '../../errors.js';
import { driverFacts, isConnectionError } from '../driver-facts.js';
import type { PgClient, PgResult } from './driver.js';
import { CONNECTION_CHECK_REFUSED, settingColumns } from './runner-settings.js';
import { SERVER_INFO_COLUMNS, assertPostgres } from './server-info.js';
import type { ServerInfoRow } from './server-info.js';
import { parserOf } from './types.js';

/** One round trip, simple protocol: what a reader does behind any pooler. */
export async function introduceReader(client: PgClient): Promise<ServerInfoRow> {
  return asking(client, async () =>
    firstRow(await client.query({ text: `SELECT ${SERVER_INFO_COLUMNS}`, types: OUR_TYPES })),
  );
}

/**
 * One round trip for facts and settings. The settings are applied only if the backend that answers is the one that the start-up announced;
 * see {@link applySettings} for the others.
 */
export async function introduceRunner(
  client: PgClient,
  applicationName: string,
): Promise<ServerInfoRow> {
  return asking(client, () =>
    withSettings(client, `${SERVER_INFO_COLUMNS},\n  `, applicationName, client.processID ?? 0),
  );
}

/** The runner's settings, once it is known that the session keeps its backend although something stands in between. */
export async function applySettings(
  client: PgClient,
  applicationName: string,
  backendId: string,
): Promise<void> {
  await withSettings(client, '', applicationName, Number(backendId));
}

/** A second round trip where the server refuses `client_connection_check_interval`. */
async function withSettings(
  client: PgClient,
  columns: string,
  applicationName: string,
  pid: number,
): Promise<ServerInfoRow> {
  const ask = async (connectionCheck: boolean): Promise<ServerInfoRow> =>
    firstRow(
      await client.query({
        text: `SELECT ${columns}${settingColumns({ connectionCheck })}`,
        values: [applicationName, pid],
        types: OUR_TYPES,
      }),
    );
  try {
    return await ask(true);
  } catch (error) {
    if (driverFacts(error).code === CONNECTION_CHECK_REFUSED) return ask(false);
    throw error;
  }
}

/** A server that does not understand the question may still say what it is. */
async function asking(client: PgClient, ask: () => Promise<ServerInfoRow>): Promise<ServerInfoRow> {
  try {
    return await ask();
  } catch (error) {
    if (isConnectionError(error)) throw error;
    const answer = await client.query({ text: 'SELECT version() AS version' }).catch(() => null);
    if (answer !== null) assertPostgres(firstRow(answer).version);
    throw error;
  }
}

const OUR_TYPES = {
  getTypeParser: (oid: number) => parserOf(oid) ?? ((value: string): unknown => value),
};

function firstRow(result: PgResult | PgResult[]): ServerInfoRow {
  const row = (Array.isArray(result) ? result.at(-1) : result)?.rows[0];
  if (row === undefined) {
    throw new MigratorError('UNSUPPORTED_DIALECT', {
      message: 'The server answered a question about itself with no row. It is not PostgreSQL.',
      state: 'Nothing was changed.',
      remedy: 'Point the options at a PostgreSQL server.',
    });
  }
  return row as ServerInfoRow;
}
