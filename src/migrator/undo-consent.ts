import type { Session } from '../database/database.js';
import { callsOperation } from '../journal/calls-operation.js';
import { readLedger } from '../ledger/read-ledger.js';
import type { Operation } from '../operations/operation.js';
import { objectionToUndo } from '../plan/gate-undo.js';
import { layOver } from '../run/lay-over.js';
import type { MigratorEnvironment } from './environment.js';
import { lookAtFleet, type FleetSaid } from './look-at-fleet.js';

/**
 * Asks the fleet whether an operation may be taken back now. Only reads.
 *
 * @throws {MigratorError} `REFUSED_IN_USE`, `REFUSED_FLEET`
 */
export async function assertUndoConsent(
  environment: MigratorEnvironment,
  operation: Operation,
  session: Session,
  said: FleetSaid,
  signal: AbortSignal,
): Promise<void> {
  const { migrations } = environment.journal();
  const ledger = await readLedger(session, environment.location);
  const { entries } = layOver(migrations, ledger, session.server);
  const applied = new Set(
    entries.filter(({ verdict }) => verdict !== 'pending').map(({ tag }) => tag),
  );
  const first = migrations.find(
    (migration) =>
      applied.has(migration.tag) && callsOperation(migration, operation.name, session.server),
  );
  const fleet = await lookAtFleet(environment, session, said, { signal });
  const objection = objectionToUndo(operation, first?.tag ?? null, fleet);
  if (objection !== null) throw objection;
}
