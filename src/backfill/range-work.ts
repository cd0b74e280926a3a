import type { Session } from '../database/database.js';
import { StatementError } from '../database/database.js';
import type { BackfillSpec, Key, Pass, PassDeps, RangeProgress, RowFailure } from './backfill.js';
import { badRow, fencedOff, refusedStatement } from './backfill-errors.js';
import { nextChunkRows, remember, type ChunkTiming } from './chunk-size.js';
import type { BackfillDialect, ChunkOutcome } from './dialect.js';
import { errorCode, failureClass } from './failure-class.js';

/** What one step of a range came to. */
export type RangeStep =
  | {
      readonly kind: 'chunk';
      readonly outcome: ChunkOutcome & { kind: 'done' };
      readonly ms: number;
    }
  /** A row was passed over. */
  | {
      readonly kind: 'skipped';
      readonly failure: RowFailure;
      readonly outcome: ChunkOutcome & { kind: 'done' };
    }
  /** Others were in the way, or the session was lost: to be tried again. */
  | { readonly kind: 'again'; readonly because: 'contention' | 'row' | 'lost' | 'moved' };

/**
 * One range: where it is, how large its next chunk is, and what is done about a chunk that fails.
 *
 * | a chunk | next |
 * | --- | --- |
 * | is done | behind it, sized by how long it took |
 * | meets others' locks, a deadlock | again with half the rows |
 * | has a row that the server refuses | again with half the rows; of one row: stop, or pass over it |
 * | loses its session | a new one, which reads the cursor again |
 */
export class RangeWork {
  #range: RangeProgress;
  #rows: number;
  #timings: readonly ChunkTiming[] = [];
  /** Below the size that fits the time: after a failure, doubled with each success. */
  #atMost = Infinity;
  #stale = false;

  constructor(
    private readonly spec: BackfillSpec,
    private readonly pass: Pass,
    private readonly dialect: BackfillDialect,
    private readonly deps: PassDeps,
    range: RangeProgress,
  ) {
    this.#range = range;
    this.#rows = range.batch;
  }

  /** Rows of its next chunk. */
  get rows(): number {
    return this.#rows;
  }

  /** A range that was never worked on need not find out anew how large its chunks may be. */
  beginWith(rows: number): void {
    if (this.#range.cursor === null) this.#rows = Math.max(this.#rows, rows);
  }

  get range(): RangeProgress {
    return this.#range;
  }

  /**
   * @param targetMs milliseconds that a chunk is meant to take
   * @param limit rows that it may have at most
   * @throws {MigratorError} `ROWS_IN_THE_WAY`, `FENCED`, `MIGRATION_FAILED`, `CODE_MIGRATION_FAILED`
   */
  async step(
    session: Session,
    targetMs: number,
    limit: (rows: number) => number,
  ): Promise<RangeStep> {
    if (this.#stale && !(await this.#readAgain(session))) return { kind: 'again', because: 'lost' };
    const rows = Math.max(1, Math.min(limit(this.#rows), this.#atMost));
    const began = performance.now();
    try {
      const outcome = await this.#chunk(session, rows);
      const ms = performance.now() - began;
      if (outcome.kind === 'moved') {
        this.#stale = true;
        return { kind: 'again', because: 'moved' };
      }
      this.#advance(outcome);
      if (outcome.more) this.#timings = remember(this.#timings, { rows, ms });
      // What a limit kept small says nothing about the size that fits the time.
      if (rows >= this.#rows) this.#rows = nextChunkRows(rows, this.#timings, targetMs);
      else this.#rows = Math.min(this.#rows, nextChunkRows(this.#rows, this.#timings, targetMs));
      this.#atMost *= 2;
      return { kind: 'chunk', outcome, ms };
    } catch (error) {
      return this.#failed(error, session, rows);
    }
  }

  async #failed(error: unknown, session: Session, rows: number): Promise<RangeStep> {
    this.deps.signal.throwIfAborted();
    const because = failureClass(error, session);
    switch (because) {
      case 'lost':
        this.#stale = true;
        return { kind: 'again', because };
      case 'contention':
        this.#atMost = Math.max(1, Math.floor(rows / 2));
        return { kind: 'again', because };
      case 'row':
        this.#atMost = Math.max(1, Math.floor(rows / 2));
        return rows > 1 ? { kind: 'again', because } : this.#badRow(error, session);
      case 'fatal':
        throw error instanceof StatementError ? refusedStatement(this.spec.id, error) : error;
    }
  }

  async #badRow(error: unknown, session: Session): Promise<RangeStep> {
    const code = errorCode(error);
    if (this.spec.settings.onBadRow === 'stop') {
      const key = await this.dialect.firstKey(session, this.#range, this.#lo());
      throw badRow(
        this.spec.id,
        { key: key ?? [], code },
        this.spec.key.map(({ column }) => column),
      );
    }
    const outcome = await this.#chunk(session, 1, { code });
    if (outcome.kind === 'moved') {
      this.#stale = true;
      return { kind: 'again', because: 'moved' };
    }
    this.#advance(outcome);
    this.#atMost = 2;
    return { kind: 'skipped', failure: { key: outcome.hi, code }, outcome };
  }

  async #chunk(
    session: Session,
    rows: number,
    skip?: Omit<RowFailure, 'key'>,
  ): Promise<Exclude<ChunkOutcome, { kind: 'fenced' }>> {
    const outcome = await this.dialect.chunk(session, this.pass, {
      range: this.#range,
      lo: this.#lo(),
      rows,
      batch: this.#rows,
      ...(skip !== undefined && { skip }),
    });
    if (outcome.kind === 'fenced') throw fencedOff(this.deps.lock.scope);
    return outcome;
  }

  #lo(): Key | null {
    return this.#range.cursor ?? this.#range.from;
  }

  #advance(outcome: ChunkOutcome & { kind: 'done' }): void {
    this.#range = {
      ...this.#range,
      cursor: outcome.hi,
      rowsDone: this.#range.rowsDone + outcome.rows,
      rowsChanged: this.#range.rowsChanged + outcome.changed,
      finished: !outcome.more,
    };
  }

  /** @returns false when the session was lost over it */
  async #readAgain(session: Session): Promise<boolean> {
    const ranges = await this.deps.store
      .read(session, this.spec.id, this.pass)
      .catch((error: unknown) => {
        if (!session.lost.aborted) throw error;
        return null;
      });
    if (ranges === null) return false;
    const range = ranges.find((one) => one.range === this.#range.range);
    if (range === undefined) throw fencedOff(this.deps.lock.scope);
    this.#range = range;
    this.#stale = false;
    return true;
  }
}
