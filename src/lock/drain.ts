import type { Session } from '../database/database.js';
import type { BlockingSession } from '../run-events.js';
import { pause } from './abortable.js';
import type { LockDialect } from './dialect.js';
import { holderOf } from './holder.js';
import { predecessorAlive } from './lock-errors.js';
import type { FenceRow, LockHooks, LockOptions } from './lock.js';

/** Milliseconds between two looks at the predecessor's session. */
const LOOK_EVERY_MS = 100;
/** Milliseconds that a terminated session gets to end. */
const TERMINATE_MS = 5000;

/** What {@link drainPredecessor} works with. */
export interface DrainContext {
  readonly session: Session;
  readonly dialect: LockDialect;
  readonly options: Pick<LockOptions, 'drain' | 'drainMs'>;
  readonly hooks: LockHooks;
  readonly signal: AbortSignal;
}

/**
 * Waits for the session of a predecessor that never said goodbye. With the session lock on the executing session it is
 * gone by now; it is not after a split brain, or when a migration gave up all advisory locks.
 * @returns whether it was alive, so that the ledger may have changed since it was read
 * @throws {MigratorError} `PREDECESSOR_ALIVE`
 */
export async function drainPredecessor(
  previous: FenceRow | null,
  context: DrainContext,
): Promise<boolean> {
  const predecessor = previous === null || previous.released ? null : holderOf(previous);
  const ref = previous?.session ?? null;
  if (predecessor === null || ref === null) return false;

  const { dialect, hooks, options, session, signal } = context;
  const startedAt = performance.now();
  const look = (): Promise<BlockingSession | null> => dialect.sessions.find(session, ref);
  let seen = await look();
  if (seen === null) return false;

  notify(hooks, predecessor, 'waiting');
  const waitMs = options.drain === 'fail' ? 0 : options.drainMs;
  seen = await untilGone(look, seen, waitMs, signal);
  if (seen !== null && options.drain === 'terminate') {
    await dialect.sessions.terminate(session, ref);
    notify(hooks, predecessor, 'terminated');
    seen = await untilGone(look, seen, TERMINATE_MS, signal);
  }
  if (seen !== null) throw predecessorAlive(predecessor, seen, performance.now() - startedAt);
  notify(hooks, predecessor, 'gone');
  return true;
}

/** Polls until the session is not there any more. @returns it as last seen, or null */
export async function untilGone(
  look: () => Promise<BlockingSession | null>,
  seen: BlockingSession,
  ms: number,
  signal: AbortSignal,
): Promise<BlockingSession | null> {
  const deadline = performance.now() + ms;
  let last: BlockingSession | null = seen;
  while (last !== null && performance.now() < deadline) {
    await pause(Math.min(LOOK_EVERY_MS, Math.max(1, deadline - performance.now())), signal);
    last = await look();
  }
  return last;
}

function notify(
  hooks: LockHooks,
  holder: Parameters<NonNullable<LockHooks['onPredecessor']>>[0],
  action: 'waiting' | 'terminated' | 'gone',
): void {
  try {
    hooks.onPredecessor?.(holder, action);
  } catch {
    // A listener's mistake must not stop the run.
  }
}
