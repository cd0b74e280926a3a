import { rollback } from '../database/with-transaction.js';
import type { ActionDeps } from './action-runner.js';
import { cancellable } from './cancellation.js';
import { climbFor, watchFor, type BlockedTry } from './table-lock-waits.js';

/** What of an operation is looked at, as `operation.blocked` names it. */
export interface Look {
  /** The operation's name. */
  readonly operation: string;
  /** Stands where an action's id would. */
  readonly what: 'read-table' | 'count-rows';
}

/**
 * Reads what somebody else may have locked: each try for as long as a lock may take, again up to the end of the ladder, and with an eye on who is in
 * the way. The time limits are those of a transaction, which is taken back: nothing is written.
 *
 * @throws {LadderExhausted} and whatever else `read` throws
 */
export async function lookUnderLadder<T>(
  { operation, what }: Look,
  deps: Omit<ActionDeps, 'readFacts' | 'record'>,
  read: () => Promise<T>,
): Promise<T> {
  const { context, dialectRun, timing, watch } = deps;
  const { session } = context.lock;
  const onBlocked = (blocked: BlockedTry): void =>
    context.emit({ type: 'operation.blocked', operation, action: what, ...blocked });
  // The file's limit is for statements of the file: a look goes through all rows where it counts them.
  const limits = { ...timing, statementTimeoutMs: null };
  const once = async (): Promise<T> => {
    try {
      await dialectRun.begin(session, limits, true);
      return await read();
    } finally {
      await rollback(session);
    }
  };
  const { value } = await climbFor(deps, onBlocked, () =>
    watchFor(watch, timing.lockTimeoutMs, onBlocked, () =>
      cancellable(session, context.signal, () => 'cancel', once),
    ),
  );
  return value;
}
