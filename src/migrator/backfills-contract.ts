import type { Pass, RowFailure, Want } from '../backfill/backfill.js';

/** Options of {@link MigratorBackfills.run}. */
export interface BackfillRunOptions {
  /** This operation alone. @default all that is left to a worker */
  readonly name?: string;
  /** Milliseconds to wait for another worker; 0 = do not wait. @default `lock.waitMs` of the options, else 600000 */
  readonly waitMs?: number;
  /** Ends the run behind the chunk under way. Its reason should be a `MigratorError`. */
  readonly signal?: AbortSignal;
}

/** What {@link MigratorBackfills.run} did. */
export interface BackfillRun {
  readonly outcome: 'done' | 'nothing-to-do';
  /** What it carried out, in order. */
  readonly phases: readonly {
    /** The operation's name. */
    readonly name: string;
    readonly phase: 'backfill' | 'verify';
    /** Milliseconds. */
    readonly durationMs: number;
  }[];
  /** Of the worker's own lock; null when nothing had to be done and no lock was taken. */
  readonly fence: string | null;
  /** Milliseconds spent waiting for the lock. */
  readonly waitedMs: number;
  /** Milliseconds altogether. */
  readonly durationMs: number;
}

/** One pass over the rows of an operation's table, as any process sees it. */
export interface BackfillStatus {
  /** The operation's name. */
  readonly name: string;
  readonly pass: Pass;
  /** `interrupted`: nobody is at work, and the next run of {@link by} goes on; `cancelled`: that refuses until it is resumed. */
  readonly state: 'running' | 'interrupted' | 'paused' | 'cancelled' | 'finished';
  /** Whose work it is: that of `up`, or of a worker (`backfill run`), to whom `up` has left it; null = finished. */
  readonly by: 'up' | 'worker' | null;
  /** Id of the runner or worker that is at work on it, for `nest-migrate unlock --holder`; null = nobody is, or who it is is not on record. */
  readonly holder: string | null;
  /** With its schema, where the operation names one; null = not on record and not registered. */
  readonly table: string | null;
  readonly ranges: number;
  readonly rangesDone: number;
  /** Gone through. */
  readonly rows: number;
  /** Of them written; of a verification, still to be done. */
  readonly changed: number;
  /** By the server's statistics; null = unknown, or finished. */
  readonly estimatedRows: number | null;
  /** null = the estimate does not allow it. */
  readonly percent: number | null;
  /** Average since the pass began, pauses included; null = nothing is done yet. */
  readonly rowsPerSecond: number | null;
  /** Milliseconds, by estimate and average; null = cannot be told, or it does not run. */
  readonly etaMs: number | null;
  /** What an operator asked for last. */
  readonly want: Want;
  /** Limit of all ranges together; null = none. A verification is not limited. */
  readonly maxRowsPerSecond: number | null;
  /** Milliseconds since the last chunk; a running pass that is quiet for long waits, and its runner's log says why. null = it does not run. */
  readonly quietMs: number | null;
  /** Rows that were passed over; of a verification, rows that are still to be done. Keys only, the first 100 a range. */
  readonly failures: readonly RowFailure[];
  /** ISO time by the database's clock. */
  readonly startedAt: string;
  /** null = not finished. */
  readonly finishedAt: string | null;
}

/**
 * Backfills of one database, from any process: but for {@link run}, nothing here takes a lock, and a runner obeys within a chunk. The methods that
 * change what is wanted return the backfill's passes as they are then.
 */
export interface MigratorBackfills {
  /**
   * Carries out the phases that `up` has left to a worker (option `backfills: 'worker'`), as the only worker, under a lock of its own: `up` may run
   * beside it. Of many at once the others wait and find nothing left to do; one that was killed is gone on behind.
   * @throws {MigratorError} `UNKNOWN_OPERATION` for what is not registered, `LOCK_WAIT_TIMEOUT`, what going through rows throws in `up`, and the
   * signal's reason
   */
  run(options?: BackfillRunOptions): Promise<BackfillRun>;
  /**
   * Every pass on record, in the order in which they began. Reads only.
   * @throws {MigratorError} `MISSING_PRIVILEGE`
   */
  list(options?: { readonly signal?: AbortSignal }): Promise<readonly BackfillStatus[]>;
  /**
   * The runner keeps its lock and waits until the backfill is resumed or cancelled. One that is finished is left as it is.
   * @throws {MigratorError} `UNKNOWN_BACKFILL`, `READ_ONLY`, `MISSING_PRIVILEGE`
   */
  pause(
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly BackfillStatus[]>;
  /** Takes a pause or a cancellation back; a cancelled one goes on with the next run. Throws as {@link pause}. */
  resume(
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly BackfillStatus[]>;
  /**
   * The run ends with `BACKFILL_CANCELLED`; what is done stays. Until it is resumed, every run that comes to it ends so. One that is finished is
   * left as it is. Throws as {@link pause}.
   */
  cancel(
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly BackfillStatus[]>;
  /**
   * @param rowsPerSecond of all ranges together, 1 or more; null = no limit
   * @throws {MigratorError} as {@link pause}; `USAGE` for a rate that is none
   */
  setRate(
    name: string,
    rowsPerSecond: number | null,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly BackfillStatus[]>;
}
