import type { Session } from '../../database/database.js';
import type { LedgerLocation } from '../../ledger/ledger.js';
import { scopeOf } from '../../ledger/location.js';
import { OperationStore } from '../../ledger/operation-store.js';
import { LedgerProgressStore } from '../../ledger/progress-store.js';
import { specHash, specOf } from '../../operations/operation-spec.js';
import type { Operation } from '../../operations/operation.js';

/** No run writes under this number: what stands here is of the test's making. */
const NO_FENCE = '0';

/** Forgets that a backfill has been gone through, so that `backfills.run()` goes through every row once more. */
export async function beginAgain(
  session: Session,
  location: LedgerLocation,
  operation: Operation,
): Promise<void> {
  const progress = new LedgerProgressStore(location, scopeOf(location, session.server));
  await progress.forget(session, operation.name);
  const entry = {
    name: operation.name,
    kind: operation.kind,
    spec: specOf(operation),
    specHash: specHash(operation),
    state: 'expanded',
    pending: null,
  };
  const operations = new OperationStore(location);
  await operations.enter(session, entry, NO_FENCE);
  await operations.leave(session, entry, 'backfill', NO_FENCE);
}
