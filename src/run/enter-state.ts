import { withTransaction } from '../database/with-transaction.js';
import type { HeldLock } from '../lock/lock.js';
import type { Operation, OperationState } from '../operations/operation.js';
import type { OperationDeps } from './operation-phase.js';

/** Puts on record where an operation stands now, in a transaction of its own under the fence. */
export async function enterState(
  operation: Operation,
  state: OperationState,
  pending: number | null,
  { specHash, specOf, store }: Pick<OperationDeps, 'specHash' | 'specOf' | 'store'>,
  lock: HeldLock,
): Promise<void> {
  const { session, fence } = lock;
  const { name, kind } = operation;
  const entry = {
    name,
    kind,
    spec: specOf(operation),
    specHash: specHash(operation),
    state,
    pending,
  };
  await withTransaction(session, {}, async () => {
    await lock.checkFence(session);
    await store.enter(session, entry, fence);
  });
}
