import type { LockTaken } from '../statements/statement.js';
import type { TableFacts } from './table-facts.js';

/**
 * One recorded step of a phase. The catalogue, not the record, says whether it was done: `kill -9` anywhere and a second run end in
 * the same state.
 */
export interface OperationAction {
  /** Stable within its operation, such as `add-column`. */
  readonly id: string;
  /**
   * `transaction`: all statements, the fence check and the attempt commit together. `autocommit`: each by itself, for what cannot be in one.
   * `locked-tables` (MySQL): the first statement is LOCK TABLES of the operation's table. The runner's tables are not locked with it, for
   * readers of the ledger would wait: until {@link restore} has run, the session sends nothing but the statements, and the attempt and the
   * fence check are written before the first and after the last. A try that fails behind the lock is not repeated as it is: the recipe is
   * made anew from fresh facts.
   */
  readonly mode: 'transaction' | 'autocommit' | 'locked-tables';
  /** With identifiers quoted; sent as they are. */
  readonly statements: readonly string[];
  /** Sent when the statements are through, and also when one of them failed: settings of the session and table locks. @default nothing */
  readonly restore?: readonly string[];
  /** What it locks and does meanwhile, for `plan`. */
  readonly locks: readonly LockTaken[];
  /** Waits as long as it takes: CREATE INDEX CONCURRENTLY, whose wait for old transactions a lock time-out would cut short. @default false */
  readonly waitsForOthers?: boolean;
  /** What a failed try of its own may have left, to be put away before the next one (an invalid index). @default nothing */
  readonly cleanUp?: (facts: TableFacts) => readonly string[];
  /** Whether the catalogue shows its end state. */
  readonly isDone: (facts: TableFacts) => boolean;
}

/** Why an operation may not go on, for `plan` and as a refusal: what is in the way, by name. */
export interface Blocker {
  /** Such as `view`, `trigger`, `no-key`, `missing-privilege`. */
  readonly code: string;
  /** One sentence; no SQL text, no row values. */
  readonly message: string;
  readonly remedy: string;
  /** A warning lets the operation go on. */
  readonly severity: 'error' | 'warning';
  /** The first phase that it stops: what is in the way of contract only may be put away until then. @default 'expand' */
  readonly phase?: 'expand' | 'contract';
}

/** The statements that an `@operation` line covers: as they stand in the file, and what they do. */
export interface CoveredStatement {
  /** 0-based position among the file's statements. */
  readonly index: number;
  /** 1-based. */
  readonly line: number;
  readonly sql: string;
  readonly effects: readonly CoveredEffect[];
}

/** One thing a covered statement does to the operation's table. */
export interface CoveredEffect {
  readonly effect: 'adds' | 'removes' | 'tightens' | 'relaxes' | 'renames' | 'retypes' | 'neutral';
  readonly kind: string;
  readonly schema: string | null;
  readonly table: string | null;
  readonly name: string;
}

/** Everything that a dialect knows of one operation, made of the spec and the facts. Pure. */
export interface Recipe {
  /** What speaks against it before anything is touched. */
  readonly blockers: readonly Blocker[];
  readonly expand: readonly OperationAction[];
  /** null = there are no rows to go through. */
  readonly rows: RowWork | null;
  /** Asked at verify: counts what going through the rows one by one cannot find (duplicates). null = there is no such thing. */
  readonly violations?: ViolationQueries | null;
  /** Behind the count of rows that are still to be done, once it is zero: VALIDATE CONSTRAINT and the like. */
  readonly verify: readonly OperationAction[];
  readonly contract: readonly OperationAction[];
  /** Gives back the schema from before expand; offered until contract begins. */
  readonly undo: readonly OperationAction[];
  /**
   * What has to happen before {@link contract} when an earlier try of it died half-way: its actions, then its rows until none is pending.
   * null = nothing of the kind is seen.
   */
  readonly recovery?: {
    readonly actions: readonly OperationAction[];
    readonly rows: RowWork;
  } | null;
}

/** Read-only, whole statements without parameters. */
export interface ViolationQueries {
  /** First column = how many there are. */
  readonly count: string;
  /** Keys of the first twenty rows, a column for each column of the key. Never values; null = the table has no key. */
  readonly sample: string | null;
}

/** What is done to rows, and how a row that is done is told from one that is not. Fragments of SQL over the columns of the table. */
export interface RowWork {
  /** Assignments by column. Empty = nothing is written: violators are only counted. */
  readonly set: Readonly<Record<string, string>>;
  /** True for a row that is still to be done. `false` after the assignments: backfill, verification and resume rely on it. null = each row once. */
  readonly pending: string | null;
  /**
   * Where two columns are kept in step: true for a pending row whose new column nobody has written. Of any other both hold a value, and which is newer
   * nobody knows: verify does not choose.
   * @default every pending row may be done again
   */
  readonly unfilled?: string;
  /** Columns that would move by themselves (ON UPDATE CURRENT_TIMESTAMP) and are set to themselves. */
  readonly keep: readonly string[];
}
