import { StatementError, type Session } from '../database/database.js';
import type { DrainContext } from './drain.js';
import { holderOf, recordedHolder } from './holder.js';
import { fenced, predecessorAlive } from './lock-errors.js';
import type { FenceCheckSql, FenceRow, HolderInfo, Scope } from './lock.js';
import { MigratorError } from '../errors.js';

/** Longest single wait for the fence row, in milliseconds; between two of them the signal is looked at. */
const TAKE_SLICE_MS = 1000;

/**
 * Takes the next number. Waits for the chunks that workers of a dead runner still have open: each shares the fence row
 * until its commit, so what they commit falls before our number.
 * @throws {MigratorError} `PREDECESSOR_ALIVE` when the row is still held after `drainMs`
 */
export async function takeFence(
  previous: FenceRow | null,
  holder: HolderInfo,
  coordinatorScope: string | null,
  context: DrainContext,
): Promise<string> {
  const { dialect, options, session, signal } = context;
  const recorded = recordedHolder(holder, coordinatorScope);
  const startedAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const left = options.drainMs - (performance.now() - startedAt);
    const fence = await dialect.fence.take(
      session,
      { id: holder.id, recorded },
      Math.min(TAKE_SLICE_MS, Math.max(100, left)),
    );
    if (fence !== null) return fence;
    const waitedMs = performance.now() - startedAt;
    if (waitedMs < options.drainMs) continue;
    const predecessor = previous === null ? null : holderOf(previous);
    throw predecessor === null
      ? fenceRowBusy(waitedMs)
      : predecessorAlive(predecessor, null, waitedMs);
  }
}

/**
 * Runs the fence check on a session that is about to write, inside its transaction. The caller rolls back.
 * @throws {MigratorError} `FENCED` when the number is no longer ours or the runner has lost the session lock
 */
export async function checkFence(
  session: Session,
  check: FenceCheckSql,
  scope: Scope,
  fence: string,
): Promise<void> {
  let rows: readonly unknown[];
  try {
    rows = await session.query(check.sql(1), check.params);
  } catch (error) {
    // In REPEATABLE READ a takeover after the snapshot is a serialization failure, not an empty result.
    if (error instanceof StatementError && error.kind === 'serialization') {
      throw fenced(scope, fence);
    }
    throw error;
  }
  if (rows.length !== 1) throw fenced(scope, fence);
}

function fenceRowBusy(waitedMs: number): MigratorError {
  return new MigratorError('PREDECESSOR_ALIVE', {
    message: `Another transaction has held the fence row of migration_lock for ${Math.round(waitedMs)} ms.`,
    state: 'Nothing was changed by this run.',
    remedy:
      'nest-migrate status and nest-migrate backfill list show who is at work on this database; run this again when that has ended.',
  });
}
