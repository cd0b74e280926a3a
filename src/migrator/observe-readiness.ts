import { isMigratorError } from '../errors.js';
import { layOver } from '../run/lay-over.js';
import { readLedger } from '../ledger/read-ledger.js';
import type { Session } from '../database/database.js';
import type { BuildKnowledge } from '../readiness/knowledge.js';
import type { ReadinessObservation } from '../readiness/readiness.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { readOperations } from '../ledger/operation-store.js';
import type { OperationState } from '../operations/operation.js';
import type { MigratorEnvironment } from './environment.js';
import { failedMarkers } from './failed-markers.js';

/**
 * One read for the refresher: a connection of its own, closed before it returns, so that neither the application's pool nor
 * the server's connection limit matters (operating.md 2.4). Works through any pooler: no session state, no named statements.
 */
export async function observeForReadiness(
  environment: MigratorEnvironment,
  knowledge: BuildKnowledge,
  signal: AbortSignal,
): Promise<ReadinessObservation> {
  const { options, database, location } = environment;
  let session: Session | null = null;
  try {
    session = await database.connect({
      role: 'reader',
      queryTimeoutMs: options.readiness.queryTimeoutMs,
      signal,
    });
    const reader = session;
    const journal = await knowledge.journal();
    const ledger = await readLedger(reader, location, { expect: journal.migrations });
    const match = layOver(journal.migrations, ledger, reader.server);
    const missingMarkers = await failedMarkers(
      reader,
      options.requires,
      options.readiness.queryTimeoutMs,
    );
    const operations =
      options.operations.size === 0 ? null : await operationStates(reader, location);
    return { kind: 'read', ledger, match, missingMarkers, operations };
  } catch (error) {
    if (isMigratorError(error) && error.code === 'MISSING_PRIVILEGE')
      return { kind: 'no-permission' };
    throw error;
  } finally {
    await session?.close();
  }
}

/** Null where this login may not read them: a role that was let in before there were operations serves as well as it did. */
async function operationStates(
  session: Session,
  location: LedgerLocation,
): Promise<ReadonlyMap<string, OperationState> | null> {
  try {
    const records = await readOperations(session, location);
    return new Map(records.map(({ name, state }) => [name, state as OperationState]));
  } catch (error) {
    if (isMigratorError(error) && error.code === 'MISSING_PRIVILEGE') return null;
    throw error;
  }
}
