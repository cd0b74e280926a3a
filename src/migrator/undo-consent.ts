import type { Session } from '../database/database.js';
import { callsOperation } from '../journal/calls-operation.js';
import { readLedger } from '../ledger/read-ledger.js';
import type { Operation } from '../operations/operation.js';
import { snapshotOf, type ConsentBy } from '../plan/gate.js';
import { askUndo, askedAboutUndo, refusedUndo } from '../plan/gate-undo.js';
import { layOver } from '../run/lay-over.js';
import type { MigratorEnvironment } from './environment.js';
import { lookAtFleet, type FleetSaid } from './look-at-fleet.js';

/** By what right an operation is taken back, for the record. */
export interface UndoConsent {
  /** The migration that began it; where none of this folder did, the operation's name. */
  readonly tag: string;
  readonly by: ConsentBy;
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * Asks the fleet whether an operation may be taken back now. Only reads.
 *
 * @returns null where nobody has to be asked
 * @throws {MigratorError} `REFUSED_IN_USE`, `REFUSED_FLEET`
 */
export async function undoConsent(
  environment: MigratorEnvironment,
  operation: Operation,
  session: Session,
  said: FleetSaid,
  signal: AbortSignal,
): Promise<UndoConsent | null> {
  // What undo takes from the others no build knows by name.
  if (operation.kind !== 'rename-column') return null;
  const beganBy = await migrationThatBegan(environment, operation, session);
  const fleet = await lookAtFleet(environment, session, said, { signal });
  const consent = askUndo(beganBy, fleet);
  if (consent.kind !== 'given') throw refusedUndo(operation.name, beganBy, consent);
  return {
    tag: beganBy ?? operation.name,
    by: consent.by,
    detail: snapshotOf(fleet, askedAboutUndo(beganBy)),
  };
}

async function migrationThatBegan(
  environment: MigratorEnvironment,
  { name }: Operation,
  session: Session,
): Promise<string | null> {
  const { migrations } = environment.journal();
  const ledger = await readLedger(session, environment.location);
  const { entries } = layOver(migrations, ledger, session.server);
  const applied = new Set(
    entries.filter(({ verdict }) => verdict !== 'pending').map(({ tag }) => tag),
  );
  const first = migrations.find((one) => applied.has(one.tag) && callsOperation(one, name));
  return first?.tag ?? null;
}
