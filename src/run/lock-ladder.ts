import { setTimeout as delay } from 'node:timers/promises';
import { StatementError } from '../database/database.js';
import type { BlockingSession } from '../run-events.js';

/** How often and how long a step may be tried again when a table lock is not to be had (expand-contract.md 5). */
export interface LadderOptions {
  /** Milliseconds after which no further try is begun. */
  readonly limitMs: number;
  /** Longest pause between tries, in milliseconds. */
  readonly maxPauseMs: number;
  readonly signal: AbortSignal;
  /** 0 to 1; full jitter. */
  readonly random: () => number;
  /** Who stood in the way of the last try. */
  readonly blockers: () => readonly BlockingSession[];
  readonly onRetry: (retry: {
    readonly attempt: number;
    readonly pauseMs: number;
    readonly blockers: readonly BlockingSession[];
  }) => void;
}

/** How many tries past the limit are made to learn who is in the way. */
const TRIES_TO_SEE = 3;

/** The ladder's end: the last error, and the sessions that were in the way. */
export class LadderExhausted extends Error {
  constructor(
    readonly attempts: number,
    readonly waitedMs: number,
    readonly blockers: readonly BlockingSession[],
    options: ErrorOptions,
  ) {
    super('the lock ladder is at its end', options);
    this.name = 'LadderExhausted';
  }
}

/** Failures after which the server has undone the try, so that it can be made again. */
function isRetryable(error: unknown): error is StatementError {
  return (
    error instanceof StatementError &&
    (error.kind === 'lock-timeout' || error.kind === 'deadlock' || error.kind === 'serialization')
  );
}

/**
 * Tries until the lock is had: pause = random(0, min(maxPause, 10 ms x 2^n)), so that a queue of waiters never forms behind us.
 *
 * @throws {LadderExhausted} after `limitMs`; any other error of the step at once
 */
export async function climb<T>(
  options: LadderOptions,
  step: () => Promise<T>,
): Promise<{ readonly value: T; readonly waitedMs: number }> {
  const begin = performance.now();
  let waitedMs = 0;
  let triesOver = 0;
  for (let attempt = 1; ; attempt++) {
    const started = performance.now();
    try {
      return { value: await step(), waitedMs };
    } catch (error) {
      if (!isRetryable(error)) throw error;
      const blockers = options.blockers();
      const elapsed = performance.now() - begin;
      if (elapsed >= options.limitMs) triesOver++;
      // A short ladder may be over before the first look at who is in the way has come back.
      if (triesOver > 0 && (blockers.length > 0 || triesOver > TRIES_TO_SEE)) {
        throw new LadderExhausted(attempt, Math.round(elapsed), blockers, { cause: error });
      }
      const ceiling = Math.min(options.maxPauseMs, 10 * 2 ** Math.min(attempt, 20));
      const pauseMs = Math.round(options.random() * ceiling);
      options.onRetry({ attempt, pauseMs, blockers });
      await delay(pauseMs, undefined, { signal: options.signal }).catch(() => {
        throw options.signal.reason;
      });
      waitedMs += performance.now() - started;
    }
  }
}
