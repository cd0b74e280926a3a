import type { BlockingSession } from '../run-events.js';
import type { BlockerWatch } from './blocker-watch.js';
import { climb } from './lock-ladder.js';
import type { RunContext } from './target.js';

/** What waiting for table locks takes, alike for statements of a file and for actions of an operation. */
export interface TableLockWaits {
  readonly context: Pick<RunContext, 'signal'>;
  readonly watch: BlockerWatch;
  /** Milliseconds after which no further try is begun. */
  readonly lockLadderMs: number;
}

/** A wait for a table lock as events tell it. */
export interface BlockedTry {
  /** 0 = it still waits in its first try. */
  readonly attempt: number;
  /** Milliseconds; 0 = it waits on. */
  readonly retryInMs: number;
  readonly blockers: readonly BlockingSession[];
}

/** The longest pause between two tries for a table lock, in milliseconds (expand-contract.md 5). */
const MAX_PAUSE_MS = 60_000;
/** How often who blocks what waits without a time-out is looked at, in milliseconds. */
const LOOK_EVERY_MS = 5_000;
/** The first look: who is in the way is known before the server gives up, as a part of the lock time-out. */
const FIRST_LOOK = 0.6;

/**
 * Tries again while a table lock is not to be had.
 *
 * @returns what `work` did, and the milliseconds that were spent on tries in vain
 * @throws {LadderExhausted} and whatever else `work` throws
 */
export function climbFor<T>(
  { context, watch, lockLadderMs }: TableLockWaits,
  onBlocked: (blocked: BlockedTry) => void,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly waitedMs: number }> {
  return climb(
    {
      limitMs: lockLadderMs,
      maxPauseMs: MAX_PAUSE_MS,
      signal: context.signal,
      random: Math.random,
      blockers: watch.seen,
      onRetry: ({ attempt, pauseMs, blockers }) =>
        onBlocked({ attempt, retryInMs: pauseMs, blockers }),
    },
    work,
  );
}

/** Keeps an eye on who blocks `work` while it runs. */
export function watchFor<T>(
  watch: BlockerWatch,
  lockTimeoutMs: number,
  onBlocked: (blocked: BlockedTry) => void,
  work: () => Promise<T>,
): Promise<T> {
  return watch.during(
    { firstLookMs: lockTimeoutMs * FIRST_LOOK, everyMs: LOOK_EVERY_MS },
    (blockers) => onBlocked({ attempt: 0, retryInMs: 0, blockers }),
    work,
  );
}
