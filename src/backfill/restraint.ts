import type { BackfillSettings } from '../operations/operation.js';
import { areAtWork, lookedAround, NOBODY, type Others } from './others.js';
import { besideOthers, yieldingTarget } from './yielding.js';

/**
 * How much of the server a pass takes. Beside others it is one range at a time and short chunks: what was measured on a server that has nothing else
 * to do is not for one that has. What the user has fixed stays as it is.
 */
export class Restraint {
  #others: Others = NOBODY;
  #writes = 0;
  /** Apart from {@link #mostMs}, which comes and goes with others: how far those who wait for our rows have brought it down. */
  #yieldedMs: number;

  constructor(
    private readonly settings: Pick<BackfillSettings, 'ranges' | 'targetMs'>,
    /** Milliseconds that a chunk is meant to take. */
    private readonly fullMs: number,
  ) {
    this.#yieldedMs = fullMs;
  }

  /** Milliseconds that the next chunk is meant to take. */
  get targetMs(): number {
    return Math.min(this.#yieldedMs, this.#mostMs());
  }

  get othersAtWork(): boolean {
    return areAtWork(this.#others);
  }

  /** How many ranges are gone through at a time. @param measured what the search has come to */
  width(measured: number): number {
    return this.settings.ranges === null && this.othersAtWork ? 1 : measured;
  }

  /** So much of what is written is ours. */
  wrote(writes: number): void {
    this.#writes += writes;
  }

  /** So many sessions were seen waiting for ours. */
  sawBlocked(sessions: number): void {
    const from = sessions > 0 ? this.targetMs : this.#yieldedMs;
    this.#yieldedMs = yieldingTarget(from, this.fullMs, sessions);
  }

  /** @param total what was written so far, by everybody @returns whether others have come, or gone */
  sawWrites(total: number | null, nowMs: number): boolean {
    const before = this.othersAtWork;
    this.#others = lookedAround(this.#others, total, this.#writes, nowMs);
    return before !== this.othersAtWork;
  }

  #mostMs(): number {
    return this.settings.targetMs === null && this.othersAtWork
      ? besideOthers(this.fullMs)
      : this.fullMs;
  }
}
