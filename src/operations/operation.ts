/** The phases of an operation, in their order. */
export type Phase = 'expand' | 'backfill' | 'verify' | 'contract';

/** Where an operation stands in one database: what its row in `migration_operations` says. */
export type OperationState =
  | 'planned'
  | 'expanding'
  | 'expanded'
  | 'backfilling'
  | 'backfilled'
  | 'verified'
  | 'contracting'
  | 'done'
  | 'undoing'
  | 'undone';

/** A table by name. */
export interface TableName {
  /** null = the first schema of the search path (Postgres), the current database (MySQL). */
  readonly schema: string | null;
  readonly name: string;
}

/** What every operation has. */
interface OperationBase {
  /** As in `-- @operation <name> <phase>`: letters, digits, `_`, `.`, `/` and `-`. */
  readonly name: string;
  readonly table: TableName;
  /** How its rows are gone through. */
  readonly backfill: BackfillSettings;
}

/** How the rows of an operation are gone through. */
export interface BackfillSettings {
  /** What becomes of a row that the server refuses to change. @default 'stop' */
  readonly onBadRow: 'stop' | 'skip';
  /** Milliseconds one chunk may take. @default 500 (Postgres), 300 (MySQL) */
  readonly targetMs: number | null;
  /** Ranges that are worked on side by side; null = the engine measures and says what it chose. @default null */
  readonly ranges: number | null;
  /** Rows a second at most; null = as fast as the throttle allows. @default null */
  readonly maxRowsPerSecond: number | null;
  /** Read-only SQL whose first column is truthy while the backfill should pause; what fails pauses as well. @default none */
  readonly pauseWhile: string | null;
}

/** Two physical columns kept equal by a trigger, until the old one goes. */
export interface RenameColumn extends OperationBase {
  readonly kind: 'rename-column';
  readonly from: string;
  readonly to: string;
  /** Both columns written in one statement, and different. @default 'error' */
  readonly onConflict: 'error' | 'prefer-new' | 'prefer-old';
}

/** A column of another type beside the old one, kept in step by two expressions, then swapped in under the old name. */
export interface ChangeColumnType extends OperationBase {
  readonly kind: 'change-column-type';
  readonly column: string;
  /** The new type as in DDL, such as `bigint`. */
  readonly to: string;
  /** SQL that makes the new value of the old one; the old column is written as `{value}`. @default `{value}` */
  readonly up: string;
  /** SQL that makes the old value of the new one; the new column is written as `{value}`. @default `{value}` */
  readonly down: string;
}

/** A rule that every row has to meet. */
export type Rule =
  | { readonly kind: 'not-null'; readonly column: string }
  | { readonly kind: 'check'; readonly constraint: string; readonly expression: string }
  | { readonly kind: 'unique'; readonly constraint: string; readonly columns: readonly string[] }
  | {
      readonly kind: 'foreign-key';
      readonly constraint: string;
      readonly columns: readonly string[];
      readonly references: { readonly table: TableName; readonly columns: readonly string[] };
      readonly onDelete: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';
      readonly onUpdate: 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';
    }
  | { readonly kind: 'max-length'; readonly column: string; readonly length: number };

/** Measures who violates a rule, stops new violators, repairs, validates, promotes. */
export interface TightenConstraint extends OperationBase {
  readonly kind: 'tighten';
  readonly rule: Rule;
  /** What makes a violating row a good one: SQL by column; null = violators are reported and repaired by hand. @default null */
  readonly repair: Readonly<Record<string, string>> | null;
  /** How MySQL and MariaDB enforce what only a copy of the table could: guard triggers for good, or the copy in a window of yours. @default 'refuse' */
  readonly withoutOnlineForm: 'refuse' | 'guard-triggers' | 'copy';
}

/** Rows brought to what the next release expects, without a change of the schema. */
export interface Backfill extends OperationBase {
  readonly kind: 'backfill';
  /** SQL by column, over the row's own columns; null = {@link rows} does it. */
  readonly set: Readonly<Record<string, string>> | null;
  /** SQL that is true for a row that is still to be done; null = every row up to the bound is done once. */
  readonly where: string | null;
  /** In TypeScript: gets a chunk's rows and returns what to set, by position; null leaves a row as it is. */
  readonly rows: BackfillRows | null;
}

/** A backfill in TypeScript. Runs inside the chunk's transaction; a chunk that is tried again is handed over again. */
export type BackfillRows = (
  rows: readonly Readonly<Record<string, unknown>>[],
  context: { readonly signal: AbortSignal },
) => Promise<readonly (Readonly<Record<string, unknown>> | null)[]>;

/** What a team registers in the option `operations`; made by {@link renameColumn} and its like. */
export type Operation = RenameColumn | ChangeColumnType | TightenConstraint | Backfill;
