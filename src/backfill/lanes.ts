import type {
  BackfillSpec,
  Pass,
  PassDeps,
  ThrottleLimits,
  ThrottleReason,
  Want,
} from './backfill.js';
import { cancelled, stalled } from './backfill-errors.js';
import type { BackfillDialect } from './dialect.js';
import type { OpenPass } from './open-pass.js';
import { pacedRows, pauseAfter } from './pace.js';
import { ProgressReport } from './progress-report.js';
import { RangeWork, type RangeStep } from './range-work.js';
import { Restraint } from './restraint.js';
import { SessionSlot } from './session-slot.js';
import { Throttle } from './throttle.js';
import { orAborted, pause } from './wait.js';
import { beginSearch, measure, restartMeasurement, type WidthSearch } from './width.js';

/** Milliseconds between two looks whether a pause is over. */
const PAUSED_LOOK_MS = 500;
/** Longest pause after others were in the way, in milliseconds. */
const CONTENTION_MS = 1000;
/** Milliseconds that a chunk may still take after a stop, before it is cancelled. */
const GRACE_MS = 500;

/**
 * Works on the ranges of a pass, some of them side by side. How many, is measured unless the settings say it. A lane is a session of its own; between
 * two chunks it asks the throttle, obeys the operator and may hand its range on.
 */
export class Lanes {
  readonly #waiting: RangeWork[];
  readonly #slots = new Set<SessionSlot>();
  readonly #throttle: Throttle;
  readonly #report: ProgressReport;
  readonly #fullMs: number;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #search: WidthSearch;
  readonly #restraint: Restraint;
  #active = 0;
  #want: Want;
  #maxRowsPerSecond: number | null;
  /** When a chunk was last done, or there was a pause that an operator asked for. */
  #aliveAt = performance.now();

  constructor(
    private readonly spec: BackfillSpec,
    private readonly pass: Pass,
    private readonly dialect: BackfillDialect,
    private readonly deps: PassDeps,
    private readonly limits: ThrottleLimits,
    open: OpenPass,
  ) {
    this.#signal = AbortSignal.any([deps.signal, this.#stop.signal]);
    this.#waiting = open.ranges
      .filter(({ finished }) => !finished)
      .map((range) => new RangeWork(spec, pass, dialect, { ...deps, signal: this.#signal }, range));
    this.#fullMs = spec.settings.targetMs ?? dialect.targetMs;
    this.#restraint = new Restraint(spec.settings, this.#fullMs);
    this.#want = open.ranges[0]?.want ?? 'run';
    this.#maxRowsPerSecond = open.ranges[0]?.maxRowsPerSecond ?? null;
    const now = performance.now();
    this.#search =
      spec.settings.ranges === null
        ? beginSearch(now)
        : { ...beginSearch(now), width: spec.settings.ranges, decided: true };
    this.#report = new ProgressReport(spec.id, pass, deps.emit, open.estimate, {
      rows: open.ranges.reduce((total, { rowsDone }) => total + rowsDone, 0),
      changed: open.ranges.reduce((total, { rowsChanged }) => total + rowsChanged, 0),
      nowMs: now,
    });
    this.#throttle = new Throttle({
      dialect,
      openWorker: deps.openWorker,
      limits,
      pauseWhile: spec.settings.pauseWhile,
      ours: () => [...this.#slots].map(({ backendId }) => backendId).filter((id) => id !== null),
      onBlocked: (sessions) => this.#restraint.sawBlocked(sessions),
      onWrites: (total) => this.#lookAround(total),
      onUnseen: (message) =>
        deps.emit({
          type: 'run.warning',
          finding: { code: 'BLOCKED_SESSIONS_UNSEEN', severity: 'info', message },
        }),
    });
  }

  /** Until no range is left. */
  async run(): Promise<void> {
    const onAbort = (): void => this.#cancelAfterGrace();
    this.deps.signal.addEventListener('abort', onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#fill();
      });
    } finally {
      this.deps.signal.removeEventListener('abort', onAbort);
      clearTimeout(this.#grace);
      await this.#throttle.close();
    }
  }

  #settle: { resolve: () => void; reject: (error: unknown) => void } = {
    resolve: () => {},
    reject: () => {},
  };
  #grace: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown } | null = null;

  /** Starts lanes for as many ranges as may be worked on at a time. */
  #fill(): void {
    while (this.#failure === null && this.#active < this.#width()) {
      const work = this.#waiting.shift();
      if (work === undefined) break;
      this.#active += 1;
      this.#lane(work).then(
        () => this.#left(),
        (error: unknown) => {
          this.#failure ??= { error };
          this.#stop.abort(error);
          this.#cancelAfterGrace();
          this.#left();
        },
      );
    }
    if (this.#active > 0) return;
    if (this.#failure === null) this.#settle.resolve();
    else this.#settle.reject(this.#failure.error);
  }

  #left(): void {
    this.#active -= 1;
    this.#fill();
  }

  async #lane(first: RangeWork): Promise<void> {
    const slot = new SessionSlot(
      `backfill ${first.range.range}`,
      this.deps.openWorker,
      (session) => this.dialect.prepare(session, this.#fullMs),
      this.#signal,
    );
    this.#slots.add(slot);
    try {
      let work: RangeWork | undefined = first;
      while (work !== undefined) {
        if (!(await this.#through(work, slot))) {
          this.#waiting.unshift(work);
          return;
        }
        const next = this.#active <= this.#width() ? this.#waiting.shift() : undefined;
        next?.beginWith(work.rows);
        work = next;
      }
    } finally {
      this.#slots.delete(slot);
      await slot.close();
    }
  }

  /** @returns false when the range is handed on unfinished */
  async #through(work: RangeWork, slot: SessionSlot): Promise<boolean> {
    let contentions = 0;
    while (!work.range.finished) {
      await this.#mayGoOn(slot);
      const session = await slot.get();
      const share = this.#share();
      const began = performance.now();
      const step = await work.step(session, this.#restraint.targetMs, (rows) =>
        pacedRows(rows, share),
      );
      const now = performance.now();
      if (step.kind === 'again') {
        // What failed has counted at the server all the same.
        this.#restraint.wrote(1);
        contentions = step.because === 'contention' ? contentions + 1 : 0;
        this.#assertNotStalled(ROW_LOCK);
        if (contentions > 0) {
          this.#report.throttled(ROW_LOCK, now);
          await pause(Math.random() * Math.min(CONTENTION_MS, 10 * 2 ** contentions), this.#signal);
        }
        continue;
      }
      contentions = 0;
      this.#done(step, now);
      const restMs = pauseAfter(step.outcome.rows, now - began, share);
      if (restMs > 0 && !work.range.finished) await pause(restMs, this.#signal);
      if (this.#active > this.#width() && !work.range.finished) return false;
    }
    return true;
  }

  #done({ outcome }: Exclude<RangeStep, { kind: 'again' }>, now: number): void {
    this.#aliveAt = now;
    this.#want = outcome.want;
    this.#maxRowsPerSecond = outcome.maxRowsPerSecond;
    this.#restraint.wrote(outcome.writes);
    this.#report.done(outcome.rows, outcome.changed, now);
    if (!this.#search.decided && this.#restraint.othersAtWork) return;
    const before = this.#search;
    this.#search = measure(before, outcome.rows, now, this.#active + this.#waiting.length);
    if (this.#search.decided && !before.decided)
      this.deps.emit({
        type: 'backfill.tuned',
        operation: this.spec.id,
        pass: this.pass,
        ranges: this.#search.width,
        measured: this.#search.measured,
      });
    if (this.#search.width > before.width) this.#fill();
  }

  #lookAround(writes: number | null): void {
    const now = performance.now();
    const before = this.#width();
    if (!this.#restraint.sawWrites(writes, now)) return;
    const others = this.#restraint.othersAtWork;
    this.#search = restartMeasurement(this.#search, now);
    if (this.#width() === before) return;
    this.#fill();
    this.deps.emit({
      type: 'backfill.narrowed',
      operation: this.spec.id,
      pass: this.pass,
      ranges: this.#width(),
      others,
    });
  }

  #width(): number {
    return this.#restraint.width(this.#search.width);
  }

  /** Resolves when neither throttle nor operator is against it. */
  async #mayGoOn(slot: SessionSlot): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted();
      if (this.#want === 'cancel') throw cancelled(this.spec.id);
      if (this.#want === 'pause') {
        await this.#whilePaused(slot);
        continue;
      }
      const reason = await orAborted(this.#throttle.reason(performance.now()), this.#signal);
      if (reason === null) return;
      this.#search = restartMeasurement(this.#search, performance.now());
      this.#report.throttled(reason, performance.now());
      this.#assertNotStalled(reason);
      await pause(this.limits.pollMs, this.#signal);
    }
  }

  async #whilePaused(slot: SessionSlot): Promise<void> {
    const now = performance.now();
    this.#report.throttled(PAUSED, now);
    this.#aliveAt = now;
    this.#search = restartMeasurement(this.#search, now);
    const [range] = await this.deps.store.read(await slot.get(), this.spec.id, this.pass);
    this.#want = range?.want ?? 'cancel';
    if (this.#want === 'pause') await pause(PAUSED_LOOK_MS, this.#signal);
  }

  #assertNotStalled(reason: ThrottleReason): void {
    const waitedMs = performance.now() - this.#aliveAt;
    if (waitedMs > this.limits.stallMs) throw stalled(this.spec.id, waitedMs, reason);
  }

  /** Rows a second of one lane. A verification reads, and is not limited. */
  #share(): number | null {
    if (this.#maxRowsPerSecond === null || this.pass === 'verify') return null;
    return this.#maxRowsPerSecond / Math.max(1, this.#active);
  }

  #cancelAfterGrace(): void {
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => {
      for (const slot of this.#slots) void slot.cancel();
    }, GRACE_MS);
  }
}

const ROW_LOCK: ThrottleReason = {
  code: 'row-lock',
  message: 'rows of the next chunk are locked by other sessions',
};
const PAUSED: ThrottleReason = { code: 'paused', message: 'an operator has paused it' };
