import { withTransaction } from '../database/with-transaction.js';
import type { HeldLock } from '../lock/lock.js';
import type { Operation, OperationState } from '../operations/operation.js';
import type { RowPhase } from '../operations/operation-state.js';
import type { OperationDeps } from './operation-phase.js';

/**
 * Puts on record where an operation stands now, in a transaction of its own under the fence.
 *
 * @param announcedFrom with `undoing`: what it goes back to where nobody may carry that out. @default null: it is carried out
 */
export async function enterState(
  operation: Operation,
  state: OperationState,
  pending: number | null,
  { specHash, specOf, store }: Pick<OperationDeps, 'specHash' | 'specOf' | 'store'>,
  lock: HeldLock,
  announcedFrom: OperationState | null = null,
): Promise<void> {
  const { session, fence } = lock;
  const entry = { ...recorded(operation, { specHash, specOf }), state, pending, announcedFrom };
  await withTransaction(session, {}, async () => {
    await lock.checkFence(session);
    await store.enter(session, entry, fence);
  });
}

/** Puts on record that a phase is left to a worker, in a transaction of its own under the fence. */
export async function leavePhase(
  operation: Operation,
  state: OperationState,
  phase: RowPhase,
  { specHash, specOf, store }: Pick<OperationDeps, 'specHash' | 'specOf' | 'store'>,
  lock: HeldLock,
): Promise<void> {
  const { session, fence } = lock;
  const entry = { ...recorded(operation, { specHash, specOf }), state, pending: null };
  await withTransaction(session, {}, async () => {
    await lock.checkFence(session);
    await store.leave(session, entry, phase, fence);
  });
}

function recorded(
  operation: Operation,
  { specHash, specOf }: Pick<OperationDeps, 'specHash' | 'specOf'>,
) {
  const { name, kind } = operation;
  return { name, kind, spec: specOf(operation), specHash: specHash(operation) };
}
