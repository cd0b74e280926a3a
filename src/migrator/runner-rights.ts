import { StatementError, type Session } from '../database/database.js';
import { ownTable } from '../ledger/location.js';
import { missingRunnerPrivilege } from '../ledger/privileges.js';
import { readOnlyServer } from '../plan/refusals.js';
import type { MigratorEnvironment } from './environment.js';

/**
 * For commands that take the lock of a ledger which is there: better said before than by the statement that takes the fence.
 *
 * @throws {MigratorError} `READ_ONLY`, `MISSING_PRIVILEGE` with the grants of a runner
 */
export async function assertRunner(
  { database, location }: MigratorEnvironment,
  session: Session,
): Promise<void> {
  if (session.server.readOnly) throw readOnlyServer(session.server);
  const lock = ownTable(database.dialect, location, 'migration_lock');
  try {
    // Finds no row, and is checked for its right all the same.
    await session.query(`update ${lock} set fence = fence where 1 = 0`);
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'privilege')
      throw missingRunnerPrivilege(session.server, location, error);
    throw error;
  }
}
