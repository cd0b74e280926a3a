import type { Session } from '../database/database.js';
import type { BackfillRows, BackfillSettings, TableName } from '../operations/operation.js';

/** Which pass over the rows. */
export type Pass = 'backfill' | 'verify' | 'reverse';

/** What an operator wants of a backfill; written by any process, obeyed within a chunk. */
export type Want = 'run' | 'pause' | 'cancel';

/** A key as the driver's text of each column, in the key's order. Compared by the database, never here. */
export type Key = readonly string[];

/** What is gone through, and what is done to each row. */
export interface BackfillSpec {
  /** The operation's name. */
  readonly id: string;
  readonly table: TableName;
  /** Columns of the primary key, or of a unique key that is NOT NULL throughout. */
  readonly key: readonly { readonly column: string; readonly type: string }[];
  readonly set: Readonly<Record<string, string>>;
  readonly pending: string | null;
  readonly keep: readonly string[];
  readonly rows: BackfillRows | null;
  readonly settings: BackfillSettings;
}

/** One row of `migration_progress`: a range of keys and how far it is. */
export interface RangeProgress {
  readonly id: string;
  readonly pass: Pass;
  readonly range: number;
  /** Last key that is done; null = none yet. Exclusive lower end of what is left, above {@link from}. */
  readonly cursor: Key | null;
  /** Exclusive lower end; null = from the first row. */
  readonly from: Key | null;
  /** Inclusive upper end, fixed when the pass began. */
  readonly bound: Key;
  readonly rowsDone: number;
  readonly rowsChanged: number;
  /** Rows of the next chunk. */
  readonly batch: number;
  readonly want: Want;
  readonly maxRowsPerSecond: number | null;
  /** Rows that could not be changed: keys and class of error, never values. */
  readonly failures: readonly RowFailure[];
  readonly finished: boolean;
}

export interface RowFailure {
  readonly key: Key;
  /** SQLSTATE or symbol. */
  readonly code: string;
}

/** Why a backfill does not go on right now. */
export interface ThrottleReason {
  /** Such as `replica-lag`, `blocked-sessions`, `user-query`, `unreadable`. */
  readonly code: string;
  readonly message: string;
}

/** How a pass over the rows ended. */
export interface PassResult {
  readonly rowsDone: number;
  readonly rowsChanged: number;
  /** verify: rows that are still to be done. */
  readonly pending: number;
  /** At most 20 keys of them. */
  readonly sample: readonly Key[];
  readonly failures: readonly RowFailure[];
  readonly durationMs: number;
  readonly ranges: number;
}

/** Opens the sessions that work beside the runner's own. */
export type OpenWorker = (name: string) => Promise<Session>;
