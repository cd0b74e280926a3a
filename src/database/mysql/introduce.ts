import { isConnectionError } from '../driver-facts.js';
import { bindParameters } from './bind-parameters.js';
import { send } from './driver.js';
import type { MysqlConnection } from './driver.js';
import {
  EXEMPT_SQL,
  SERVER_INFO_SQL,
  assertMysql,
  granteeOf,
  isOn,
  readVersion,
} from './server-info.js';
import type { ServerInfoRow } from './server-info.js';

/** Facts of server and login, in one round trip. */
export async function introduce(connection: MysqlConnection): Promise<ServerInfoRow> {
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

/** Whether this login may write although the server is `read_only`; asked only of servers that are. */
export async function isExempt(
  connection: MysqlConnection,
  { read_only: readOnly, user }: ServerInfoRow,
): Promise<boolean> {
  if (!isOn(readOnly)) return false;
  const rows = await send(connection, bindParameters(EXEMPT_SQL, [granteeOf(user)]));
  return Array.isArray(rows) && rows.length > 0;
}

/**
 * An idle holder of the lock is not disconnected, no statement is cut by a time-out of the server,
 * and none waits longer than a second for a metadata lock (the smallest value; the ladder tries again).
 */
export function runnerSettings(version: string): string {
  const statementTimeout =
    readVersion(version).flavour === 'mariadb'
      ? 'max_statement_time = 0'
      : 'max_execution_time = 0';
  return `SET SESSION wait_timeout = 28800, lock_wait_timeout = 1, ${statementTimeout}`;
}
