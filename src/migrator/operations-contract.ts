import type { OperationState } from '../operations/operation.js';

/** One operation, as this database has it on record. */
export interface OperationStatus {
  readonly name: string;
  readonly kind: string;
  readonly state: OperationState;
  /** Whether the options of this build have it, and as it was begun with. */
  readonly definition: 'registered' | 'changed' | 'not-registered';
  /** Rows that the last verification found to be still to do; null = none was run. */
  readonly pending: number | null;
  /** Phases that `up` has left to a worker and that nobody has completed: `backfill run` does. */
  readonly leftToWorker: readonly ('backfill' | 'verify')[];
  /** ISO time by the database's clock since when it is in this state; null = it was never begun here. */
  readonly enteredAt: string | null;
}

/** What {@link MigratorOperations.undo} did. */
export interface UndoResult {
  readonly name: string;
  /** What it was in. */
  readonly from: OperationState;
  readonly durationMs: number;
}

/** Options of {@link MigratorOperations.undo}. */
export interface UndoOptions {
  /** Milliseconds to wait for another runner; 0 = do not wait. @default `lock.waitMs` of the options, else 600000 */
  readonly waitMs?: number;
  /** Undo although instances run that may need the new form. @default false */
  readonly allowDowntime?: boolean;
  /** The operator has made certain that no build which knows the operation runs. @default false */
  readonly fleetConfirmed?: boolean;
  readonly signal?: AbortSignal;
}

/** What {@link MigratorOperations.add} wrote, or would write. */
export interface AddedLines {
  readonly name: string;
  readonly tag: string;
  /** Path of the file, as the folder was given. */
  readonly file: string;
  /** False for a dry run, and where the lines are there already. */
  readonly written: boolean;
  /** The new lines and those around them, as they stand in the file then; empty = the lines are there already. */
  readonly lines: readonly {
    /** 1-based. */
    readonly line: number;
    readonly text: string;
    readonly added: boolean;
  }[];
}

/** Operations of one database (DESIGN 8). */
export interface MigratorOperations {
  /**
   * Where an operation stands, from what readiness read last: no query, for feature flags in the application. Null before readiness has
   * read once (`ReadinessProbe.start`) and where its role may not read it, `planned` for one that was never begun here.
   *
   * @throws {MigratorError} `UNKNOWN_OPERATION` for a name that is not registered
   */
  phase(name: string): OperationState | null;
  /**
   * Those on record, and those registered that were never begun here. Reads only.
   * @throws {MigratorError} `MISSING_PRIVILEGE`
   */
  list(options?: { readonly signal?: AbortSignal }): Promise<readonly OperationStatus[]>;
  /**
   * Writes the `-- @operation` lines of an operation into a migration that this database does not have yet, above the statements that its
   * phases cover; every other byte of the file stays.
   * @throws {MigratorError} `UNKNOWN_OPERATION`, `UNKNOWN_TAG`, `OPERATION_MISMATCH`, `OPERATION_REFUSED` for a migration that is applied or begun,
   * and for a contract that no earlier migration prepares
   */
  add(
    name: string,
    options: { readonly to: string; readonly dryRun?: boolean; readonly signal?: AbortSignal },
  ): Promise<AddedLines>;
  /**
   * Takes an operation back to the schema from before its expand, as the single runner. Nothing is lost: both forms are kept in step until contract.
   * @throws {MigratorError} `UNKNOWN_OPERATION`, `OPERATION_REFUSED` once contract has begun, `MISSING_PRIVILEGE`, `LOCK_WAIT_TIMEOUT`, `LOCK_TIMEOUT` with who holds the
   * table, `MIGRATION_FAILED` with the code of the server; of a rename `REFUSED_IN_USE` while instances run that know the migration which began it, and
   * `REFUSED_FLEET` while nobody can tell; whatever stopped it, the same call goes on behind it
   */
  undo(name: string, options?: UndoOptions): Promise<UndoResult>;
}
