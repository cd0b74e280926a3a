import type { Emit } from '../run-events.js';
import type { Pass, ThrottleReason } from './backfill.js';

/** Milliseconds between two reports, and of a reason to wait that stays the same. */
const REPORT_MS = 1000;
const REPEAT_MS = 10_000;
/** Milliseconds over which the rate is averaged. */
const WINDOW_MS = 10_000;

/** Tells the listeners how far a pass is, at most once a second. */
export class ProgressReport {
  #rows: number;
  #changed: number;
  #points: { readonly at: number; readonly rows: number }[];
  #reportedAt: number;
  #reason: ThrottleReason | null = null;
  #reasonSince = 0;
  #reasonTold = 0;

  constructor(
    private readonly operation: string,
    private readonly pass: Pass,
    private readonly emit: Emit,
    private readonly estimate: number | null,
    begin: { readonly rows: number; readonly changed: number; readonly nowMs: number },
  ) {
    this.#rows = begin.rows;
    this.#changed = begin.changed;
    this.#points = [{ at: begin.nowMs, rows: begin.rows }];
    this.#reportedAt = begin.nowMs;
  }

  get rows(): number {
    return this.#rows;
  }

  get changed(): number {
    return this.#changed;
  }

  /** Milliseconds for which nothing was done because of a reason to wait. */
  throttledFor(nowMs: number): number {
    return this.#reason === null ? 0 : nowMs - this.#reasonSince;
  }

  /** A chunk is done. */
  done(rows: number, changed: number, nowMs: number): void {
    this.#rows += rows;
    this.#changed += changed;
    this.#reason = null;
    if (nowMs - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = nowMs;
    this.#points.push({ at: nowMs, rows: this.#rows });
    while ((this.#points[0]?.at ?? nowMs) < nowMs - WINDOW_MS && this.#points.length > 2)
      this.#points.shift();
    const rowsPerSecond = this.#rate(nowMs);
    // An estimate that the rows themselves have overtaken says nothing.
    const left = this.estimate === null ? null : this.estimate - this.#rows;
    this.emit({
      type: 'backfill.progress',
      operation: this.operation,
      pass: this.pass,
      rows: this.#rows,
      changed: this.#changed,
      estimatedRows: this.estimate,
      rowsPerSecond,
      etaMs:
        left === null || left < 0 || rowsPerSecond === 0
          ? null
          : Math.round((left / rowsPerSecond) * 1000),
    });
  }

  /** Why it does not go on right now. */
  throttled(reason: ThrottleReason, nowMs: number): void {
    if (this.#reason?.code !== reason.code) {
      if (this.#reason === null) this.#reasonSince = nowMs;
      this.#reason = reason;
    } else if (nowMs - this.#reasonTold < REPEAT_MS) return;
    this.#reasonTold = nowMs;
    this.emit({
      type: 'backfill.throttled',
      operation: this.operation,
      pass: this.pass,
      reason: reason.code,
      message: reason.message,
      waitedMs: Math.round(nowMs - this.#reasonSince),
    });
  }

  #rate(nowMs: number): number {
    const first = this.#points[0];
    if (first === undefined || nowMs <= first.at) return 0;
    return Math.round(((this.#rows - first.rows) * 1000) / (nowMs - first.at));
  }
}
