import type { Phase } from '../operations/operation.js';
import type { Impact } from '../statements/statement.js';
import type { LedgerMatch, LedgerSnapshot } from '../ledger/ledger.js';
import type { Journal, ParsedMigration } from '../journal/journal.js';
import type { ServerInfo } from '../database/database.js';
import type { MigratorError } from '../errors.js';
import type { Finding } from '../run-events.js';
import type { SizedTable } from '../database/table-sizes.js';
import type { PlannedBackup } from './backup.js';
import type { ObservedOperations } from './plan-operations.js';
import type { Deferred } from './gate-actions.js';
import type { PlannedPhase } from './planned-phase.js';

/** Policies of DESIGN 7, merged with their defaults. */
export interface Policies {
  /** Pending although a later entry is applied. @default 'apply' for expand; contract and breaking are always refused */
  readonly outOfOrder: 'apply' | 'error';
  /** Edited after we applied it. @default 'error' */
  readonly edited: 'error' | 'warn';
  /** In the ledger but not in the folder. @default 'allow' */
  readonly ahead: 'allow' | 'error';
  /** What lint finds in what is about to be applied: not looked for, warnings, or a refusal (`LINT`). @default 'off' */
  readonly lint: 'off' | 'warn' | 'error';
}

/**
 * Who goes through the rows of operations. `up`: the run that comes to the phase, under the migration lock. `worker`: `up` only puts on record that
 * it is to be done, and `backfill run` does it under a lock of its own.
 */
export type BackfillsBy = 'up' | 'worker';

/** Whether the statement that was in flight when a runner died took effect. */
export type InDoubt = 'took-effect' | 'did-not' | 'undecidable';

/** What the database target saw. */
export interface DatabaseObservation {
  readonly server: ServerInfo;
  readonly journal: Journal;
  readonly ledger: LedgerSnapshot;
  readonly match: LedgerMatch;
  /** Pending migrations, parsed, in journal order. */
  readonly pending: readonly ParsedMigration[];
  /** What the catalogue says now about statements that an earlier attempt left in doubt, by tag. */
  readonly inDoubt: ReadonlyMap<string, InDoubt>;
  /** What each position of a begun migration says now, by tag. */
  readonly stepDigests: ReadonlyMap<string, readonly string[]>;
  /** Operations that pending migrations call. */
  readonly operations: ObservedOperations;
  /** Operations whose lines are comments in this database: the statements below them simply run. */
  readonly asStatements: ReadonlySet<string>;
  /** The tables whose rows pending contracts take away, by tag; looked at only where a backup is asked for. */
  readonly atStake: ReadonlyMap<string, readonly SizedTable[]>;
  /** The run that holds the lock at this moment, where somebody looked; its attempt is no leftover. */
  readonly liveRunner: string | null;
}

/**
 * One position of a migration, in order: a statement of the file, a code migration that stands before one, or a phase of an
 * operation in place of the statements that it covers. The statement cursor of an attempt counts these positions.
 */
export type Step = StatementStep | CodeStep | OperationStep;

export interface StatementStep {
  readonly kind: 'statement';
  readonly position: number;
  /** Of the statement in its file. */
  readonly index: number;
  /** 0-based: which part of the statement's online form this is; absent = the statement as it stands. */
  readonly online?: number | undefined;
}

export interface CodeStep {
  readonly kind: 'code';
  readonly position: number;
  /** As its `@run` line gives it. */
  readonly name: string;
  readonly line: number;
}

/** A phase of an operation, on a database with data. */
export interface OperationStep {
  readonly kind: 'operation';
  readonly position: number;
  /** As its `@operation` line gives it. */
  readonly name: string;
  readonly phase: Phase;
  readonly line: number;
  /** Indices of the statements that it stands for. */
  readonly covers: readonly number[];
}

/** A stretch of steps that share a fate. */
export interface Unit {
  /**
   * `transaction`: all steps, the fence check and the cursor (or, in the last unit, ledger row and attempt) commit together.
   * `autocommit`: one step that cannot be in a transaction; what it did is decided afterwards from the catalogue.
   * `operation`: one phase, whose actions have transactions and records of their own and look at the catalogue before and after.
   */
  readonly mode: 'transaction' | 'autocommit' | 'operation';
  readonly steps: readonly Step[];
}

/** One thing that a target will do, as `plan` prints it. */
export interface Action {
  readonly target: string;
  readonly id: string;
}

export interface MigrationAction extends Action {
  readonly target: 'database';
  readonly kind: 'apply' | 'resume' | 'revert';
  /** The migration's tag. */
  readonly id: string;
  /** What is run: the migration's file, or on the way back its down file. */
  readonly migration: ParsedMigration;
  /** Ids of the ledger rows that go with it: its own, and those that repeat it; present on the way back. */
  readonly reverts?: readonly string[];
  /** The command that carries it out, for those who have to run it again. */
  readonly command: string;
  readonly impact: Impact;
  readonly steps: readonly Step[];
  readonly units: readonly Unit[];
  /** Everything is one transaction: a failure leaves nothing behind. */
  readonly atomic: boolean;
  /** Whether the attempt is committed as `running` before the first statement (all but atomic Postgres expands). */
  readonly announced: boolean;
  readonly resume: Resume | null;
  /** What is put by before its first statement. @default nothing */
  readonly backup?: PlannedBackup;
}

/** Where a migration that was begun before goes on. */
export interface Resume {
  readonly attemptId: string;
  /** First position to run. */
  readonly position: number;
  /** Positions that the catalogue, or a `repair`, has shown to be complete although the cursor does not say so. */
  readonly settled: readonly number[];
}

/** The difference between journal and ledger, and what to do about it. Pure data. */
export interface DatabasePlan {
  readonly actions: readonly MigrationAction[];
  /** Contracts that wait for the fleet, in order, and what stands behind them. */
  readonly deferred: readonly Deferred[];
  /** What the phases among their steps come to. */
  readonly phases: readonly PlannedPhase[];
  readonly findings: readonly Finding[];
  /** Why nothing may be executed; the first decides the exit code. */
  readonly refusals: readonly MigratorError[];
}
