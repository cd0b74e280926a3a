import type { Session } from '../database/database.js';
import type { HeldLock } from '../lock/lock.js';
import type { Emit } from '../run-events.js';
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
  /** Name of the index of that key. */
  readonly keyIndex: string;
  readonly set: Readonly<Record<string, string>>;
  readonly pending: string | null;
  readonly keep: readonly string[];
  readonly rows: BackfillRows | null;
  /** Whether triggers that are not ours fire: what they write counts at the server as ours does, and nobody knows how much it is. */
  readonly firesTriggers: boolean;
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
  /** Of a verification: rows that are still to be done. */
  readonly rowsChanged: number;
  /** Rows of the next chunk. */
  readonly batch: number;
  readonly want: Want;
  readonly maxRowsPerSecond: number | null;
  /** Rows that could not be changed, of a verification rows that are still to be done: keys and class of error, never values. The first 100. */
  readonly failures: readonly RowFailure[];
  readonly finished: boolean;
}

export interface RowFailure {
  readonly key: Key;
  /** SQLSTATE or symbol; `pending` for what a verification found. */
  readonly code: string;
}

/** Why a backfill does not go on right now. */
export interface ThrottleReason {
  readonly code:
    'replica-lag' | 'blocked-sessions' | 'user-query' | 'unreadable' | 'row-lock' | 'paused';
  readonly message: string;
}

/** How a pass over the rows ended. */
export interface PassResult {
  /** It went on with one that an earlier run had begun, and had gone through the first rows of. */
  readonly resumed: boolean;
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

/**
 * Opens the sessions that work beside the runner's own.
 *
 * @param name how the session names itself to the server
 */
export type OpenWorker = (name: string) => Promise<Session>;

/** What an operator asks for; what is left out stays as it is. */
export interface WantChange {
  readonly want?: Want;
  /** Rows a second of all ranges together; null = no limit. */
  readonly maxRowsPerSecond?: number | null;
}

/** `migration_progress` of one ledger. */
export interface ProgressStore {
  readonly scope: string;
  /** The table as it stands in SQL, for what is written in a chunk's own statement. */
  table(session: Session): string;
  /** In the order of the ranges. */
  read(session: Session, id: string, pass?: Pass): Promise<readonly RangeProgress[]>;
  /** In a transaction that has checked the fence. Replaces what there is of that pass. */
  begin(session: Session, ranges: readonly RangeProgress[], fence: string): Promise<void>;
  /** From any process, without a fence. @returns how many ranges there are */
  setWant(session: Session, id: string, change: WantChange): Promise<number>;
  /** Forgets all passes of an operation, so that it may be begun again from nothing. */
  forget(session: Session, id: string): Promise<void>;
}

/** When a backfill holds still. */
export interface ThrottleLimits {
  /** Milliseconds that a replica may be behind; null = nobody looks. Postgres only: a MySQL source does not know. @default 10000 */
  readonly maxReplicaLagMs: number | null;
  /** Sessions that may wait for ours at one time; some make chunks smaller, more than this hold them up. null = nobody looks. @default 10 */
  readonly maxBlockedSessions: number | null;
  /** Milliseconds between two looks. @default 1000 */
  readonly pollMs: number;
  /** Milliseconds without progress after which a pass gives up, an operator's pause not counted. @default 1800000 */
  readonly stallMs: number;
}

/** What a pass over rows works with. */
export interface PassDeps {
  readonly lock: Pick<
    HeldLock,
    'session' | 'scope' | 'fence' | 'fenceCheck' | 'lost' | 'checkFence'
  >;
  readonly openWorker: OpenWorker;
  readonly store: ProgressStore;
  /** Ends the pass between two chunks, and cancels the one under way. */
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly limits?: Partial<ThrottleLimits>;
  /**
   * Whether a pass that is finished is begun again. One that is not is always gone on with.
   *
   * @default where {@link BackfillSpec.pending} tells which rows are done: another time does no harm
   */
  readonly again?: boolean;
}
