import type { Impact } from './statements/statement.js';
import type { AttemptState, Verdict } from './ledger/ledger.js';
import type { LintResult } from './lint/lint-journal.js';
import type { SplitDraft } from './lint/split/split-migration.js';
import type { HolderInfo } from './lock/lock.js';
import type { MigratorBackfills } from './migrator/backfills-contract.js';
import type { DownOptions, DownResult, RedoResult } from './migrator/down-contract.js';
import type { CanRunResult, DeferredMigration, FleetResult } from './migrator/fleet-contract.js';
import type { LintRequest } from './migrator/lint.js';
import type { MadeDown, MakeDownRequest } from './migrator/make-down.js';
import type { MigratorOperations } from './migrator/operations-contract.js';
import type { BackfillsBy } from './plan/plan.js';
import type { BlockingSession, Finding, RunListener } from './run-events.js';
import type { Manifest } from './journal/manifest.js';
import type { ManifestFacts } from './migrator/manifest.js';
import type { Readiness } from './readiness/readiness.js';

/** Options of {@link Migrator.up}. */
export interface UpOptions {
  /** Stop after this migration. */
  readonly to?: string;
  /** Milliseconds to wait for another runner; 0 = do not wait. @default `lock.waitMs` of the options, else 600000 */
  readonly waitMs?: number;
  /** Who goes through the rows of operations in this run. @default `backfills` of the options */
  readonly backfills?: BackfillsBy;
  /** Milliseconds to wait until nothing is held back by the fleet any more; 0 = do not wait. @default 0 */
  readonly waitFleetMs?: number;
  /** Apply breaking migrations although instances run that will fail; recorded with the attempts. @default false */
  readonly allowDowntime?: boolean;
  /** The operator has made certain that nobody who matters runs an older build; recorded with the attempts. @default false */
  readonly fleetConfirmed?: boolean;
  /** Name of a snapshot that you have taken, in place of a dump of the rows that contracts take away; recorded with each. */
  readonly backupRef?: string;
  /** Run on the session lock and the fence alone; recorded with the attempts. @default false */
  readonly withoutCoordinator?: boolean;
  /** Ends the run: finish or roll back the statement, record, release. Its reason should be a `MigratorError`. */
  readonly signal?: AbortSignal;
}

/** One migration that a run applied. */
export interface AppliedMigration {
  readonly tag: string;
  readonly impact: Impact;
  /** How many statements its file has. */
  readonly statements: number;
  /** Milliseconds, waits for table locks included. */
  readonly durationMs: number;
  /** How many positions of its file an earlier run had completed; 0 for a fresh one. */
  readonly resumedFrom: number;
}

/** What {@link Migrator.up} did. */
export interface UpResult {
  readonly outcome: 'applied' | 'nothing-to-do';
  readonly applied: readonly AppliedMigration[];
  /** Contracts that wait for the fleet, and what stands behind them. Nothing to worry about: the next run applies them. */
  readonly deferred: readonly DeferredMigration[];
  readonly findings: readonly Finding[];
  /** null when nothing had to be done and no lock was taken. */
  readonly fence: string | null;
  /** Milliseconds spent waiting for the lock. */
  readonly waitedMs: number;
  /** Milliseconds altogether. */
  readonly durationMs: number;
}

/** One statement as `plan --sql` prints it. */
export interface PlannedStatement {
  /** 1-based. */
  readonly statement: number;
  readonly line: number;
  readonly summary: string;
  readonly transactional: boolean;
  readonly locks: readonly {
    readonly table: string;
    readonly mode: string;
    readonly work: string;
  }[];
  /** Strong locks of earlier statements of the same transaction that are held while this one works. */
  readonly heldLocks: readonly {
    readonly table: string;
    readonly mode: string;
    readonly since: number;
  }[];
  /** Present with `sql: true` only. */
  readonly sql?: string;
}

/** One migration that `up` would apply. */
export interface PlannedMigration {
  readonly tag: string;
  /** Path of its file, as the folder was given. */
  readonly file: string;
  /** `resume` goes on behind what an earlier run completed; `revert` is the way back. */
  readonly kind: 'apply' | 'resume' | 'revert';
  readonly impact: Impact;
  /** Tag of the migration that every running build must know; null = none. */
  readonly requires: string | null;
  /** Everything is one transaction: a failure leaves nothing behind. */
  readonly atomic: boolean;
  /** Those that are still to be run. */
  readonly statements: readonly PlannedStatement[];
  /** Whether it has a down file and is not declared irreversible. */
  readonly reversible: boolean;
  /** What is put by before its first statement; absent = nothing. */
  readonly backup?: {
    /** `data`: the schema, and the rows of the tables. `none`: the snapshot stands for all of it. */
    readonly dump: 'none' | 'schema' | 'data';
    /** Tables that it takes rows from, where they were looked at. */
    readonly tables: readonly { readonly table: string; readonly bytes: number | null }[];
    /** The snapshot that was named; null = none. */
    readonly ref: string | null;
  };
}

/** What {@link Migrator.plan} found. */
export interface PlanResult {
  readonly migrations: readonly PlannedMigration[];
  /** Contracts that wait for the fleet, and what stands behind them. */
  readonly deferred: readonly DeferredMigration[];
  readonly findings: readonly Finding[];
  /** Why `up` would refuse, each as `MigratorError.toJSON` gives it; the first would be thrown. */
  readonly refusals: readonly Record<string, unknown>[];
  /** Whether something that this build requires is pending. */
  readonly requiredPending: boolean;
  /** Who runs right now; null = nobody, or not visible to this role. */
  readonly lockedBy: HolderInfo | null;
}

/** One migration of the journal, as the ledger has it. */
export interface StatusMigration {
  readonly tag: string;
  readonly verdict: Verdict;
  /** ISO time by the database's clock; null = not applied by us. */
  readonly appliedAt: string | null;
  /** null = applied by stock: its file is not parsed. */
  readonly impact: Impact | null;
  /** The last try at it; null = there is none on record. */
  readonly attempt: {
    /** `back` = its way back was begun and is not through. */
    readonly way: 'on' | 'back';
    readonly state: AttemptState;
    /** Positions known complete. */
    readonly cursor: number;
    readonly statements: number;
    /** 0-based position begun outside a transaction and not known complete; null = none. */
    readonly inFlight: number | null;
    readonly errorCode: string | null;
    readonly startedAt: string;
    readonly finishedAt: string | null;
  } | null;
}

/** What {@link Migrator.status} found. */
export interface StatusResult {
  /** Host, port and database, without credentials. */
  readonly database: string;
  /** Flavour and version. */
  readonly server: string;
  /** Quoted name of Drizzle's table, and its shape: `v0`, `v1`, null = there is none. */
  readonly ledger: { readonly table: string; readonly version: string | null };
  readonly migrations: readonly StatusMigration[];
  readonly counts: {
    readonly applied: number;
    readonly pending: number;
    /** What this build requires and lacks: the pending but for contracts, and what is reverted in part. */
    readonly required: number;
    /** Ledger rows that no migration of the folder claims. */
    readonly unknown: number;
  };
  /** In the ledger but not in the folder. */
  readonly ahead: readonly { readonly name: string | null; readonly createdAt: string | null }[];
  readonly lock: {
    /** Qualified name of the ledger table. */
    readonly scope: string;
    /** Key (Postgres) or name (MySQL) of the lock in the server's own views. */
    readonly key: string;
    /** The last number taken; null = none, or not visible to this role. */
    readonly fence: string | null;
    /** `held` = a run is in progress, and what it has not committed yet stands as pending; `abandoned` = its holder crashed, and the next run goes on. */
    readonly state: 'free' | 'held' | 'abandoned';
    /** Who has it, or crashed with it; null = nobody, or held by a session that is not the one on record. */
    readonly holder: HolderInfo | null;
    /** The holder's session as the server sees it, and who waits or blocks. */
    readonly session: BlockingSession | null;
    readonly waiters: readonly BlockingSession[];
  };
  readonly findings: readonly Finding[];
  readonly requiredPending: boolean;
}

/** What {@link Migrator.verify} found. */
export interface VerifyResult {
  /** How many migrations the folder has. */
  readonly checked: number;
  readonly findings: readonly Finding[];
}

/** What {@link Migrator.baseline} did. */
export interface BaselineResult {
  /** Tags that are recorded as applied now and were not before. */
  readonly recorded: readonly string[];
  readonly findings: readonly Finding[];
}

/** The answer that {@link Migrator.repair} put on record. */
export interface RepairResult {
  readonly tag: string;
  readonly resolution: 'applied' | 'rolled-back' | 'accept-checksum';
  /** 1-based number of the statement in doubt that this answered; null where the whole migration was meant. */
  readonly statement: number | null;
}

/** What {@link Migrator.unlock} did. */
export interface UnlockResult {
  readonly holder: HolderInfo | null;
  /** Whether a session was ended; false when it was gone already. */
  readonly terminated: boolean;
  /** The number that the old holder can no longer write under. */
  readonly fence: string;
  readonly findings: readonly Finding[];
}

/** How {@link Migrator.wait} ended. */
export interface WaitResult {
  /** Milliseconds. */
  readonly waitedMs: number;
}

/** Readiness of one migrator: started and stopped by whoever owns it, read from memory. */
export interface ReadinessProbe {
  /** Never queries, never throws. */
  current(): Readiness;
  /** Begins to read in the background. */
  start(): void;
  /** Ends the reads and forgets what they found. */
  stop(): Promise<void>;
  /** Resolves after the read in progress, or the next one. */
  refreshed(): Promise<Readiness>;
}

/** Everything one can do with one database and one journal. A value: make several for several databases. */
export interface Migrator {
  /** As in the options. @default 'default' */
  readonly name: string;
  /**
   * Applies what is pending, as the single runner; of many at once the others wait and find nothing left to do.
   * @throws {MigratorError} with any code that docs/errors.md lists for exit 1 and 3 to 7, `UNKNOWN_TAG`, and the signal's reason
   */
  up(options?: UpOptions): Promise<UpResult>;
  /**
   * Goes back to a migration by the down files of those behind it, newest first, as the single runner.
   * @throws {MigratorError} `NO_WAY_BACK`, `REFUSED_IN_USE`, `REFUSED_FLEET`, `OPERATION_REFUSED`, `LEDGER_AHEAD`, `ATTEMPT_INTERRUPTED`, `EDITED`, `UNKNOWN_TAG`, before
   * anything is touched; what {@link up} throws of a statement that fails
   */
  down(options: DownOptions): Promise<DownResult>;
  /**
   * Reverts the last migration that is applied, and applies it again: for one that is being written.
   * @throws {MigratorError} as {@link down} and {@link up}; `USAGE` where nothing is applied
   */
  redo(options?: Omit<DownOptions, 'to' | 'dryRun'>): Promise<RedoResult>;
  /**
   * What `up` would do. Read-only transaction, no lock, works with a read-only role. What would be refused is in the result.
   * @throws {MigratorError} `UNKNOWN_TAG`, `MISSING_PRIVILEGE`, `UNREACHABLE`, `JOURNAL_*`, and what is wrong with a pending file
   */
  plan(options?: {
    readonly to?: string;
    readonly backupRef?: string;
    readonly backfills?: BackfillsBy;
    readonly allowDowntime?: boolean;
    readonly fleetConfirmed?: boolean;
    readonly sql?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<PlanResult>;
  /** Journal, ledger, attempts and lock as they are now. As {@link plan}: reads only, throws the same. */
  status(options?: { readonly signal?: AbortSignal }): Promise<StatusResult>;
  /** Files against ledger. @throws {MigratorError} `EDITED`, `AMBIGUOUS`, ... */
  verify(options?: { readonly signal?: AbortSignal }): Promise<VerifyResult>;
  /**
   * Records migrations up to and including the tag as applied without running them: for a database that has the tables and no ledger.
   * @throws {MigratorError} `UNKNOWN_TAG`, `LOCK_WAIT_TIMEOUT`, `MISSING_PRIVILEGE`, ...
   */
  baseline(
    tag: string,
    options?: { readonly reason?: string; readonly waitMs?: number; readonly signal?: AbortSignal },
  ): Promise<BaselineResult>;
  /**
   * Puts an operator's answer about an interrupted, ambiguous or edited migration on record; the next `up` goes by it.
   * @throws {MigratorError} `REFUSED_REPAIR` where the answer does not fit, `USAGE` without a reason, `UNKNOWN_TAG`, `LOCK_WAIT_TIMEOUT`, ...
   */
  repair(
    tag: string,
    resolution: 'applied' | 'rolled-back' | 'accept-checksum',
    options: { readonly reason: string; readonly waitMs?: number; readonly signal?: AbortSignal },
  ): Promise<RepairResult>;
  /**
   * Takes the lock away from the holder named, and from no other. Refuses while its heartbeat is fresh, unless its session is to be terminated.
   * @throws {MigratorError} `REFUSED_UNLOCK`, `PREDECESSOR_ALIVE`, `MISSING_PRIVILEGE`, ...
   */
  unlock(options: {
    readonly holderId: string;
    readonly terminate?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<UnlockResult>;
  /**
   * What is unsafe in the migrations that are pending, with the safe way of each; with `known` or `all`, in files alone.
   * @throws {MigratorError} what is wrong with a file; without `known` and `all` what {@link plan} throws
   */
  lint(options?: LintRequest): Promise<LintResult>;
  /**
   * Drafts an expand and a contract migration out of one that is both. Reads the file, writes nothing.
   * @throws {MigratorError} `UNKNOWN_TAG`, `USAGE` when there is nothing to split
   */
  split(tag: string): Promise<SplitDraft>;
  /**
   * Drafts the down file of a migration from Drizzle Kit's snapshots, and writes it where `write` says so. Connects to nothing.
   * @throws {MigratorError} `UNKNOWN_TAG`, `DOWN_NOT_DRAFTED`, `SNAPSHOT_UNUSABLE`, `USAGE` when there is a down file already
   */
  makeDown(tag: string, options: MakeDownRequest): Promise<MadeDown>;
  /** Waits until everything this build requires is applied. @throws {MigratorError} `WAIT_TIMEOUT`, `UNREACHABLE`, ... */
  wait(options?: {
    /** Milliseconds. @default 300000 */
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): Promise<WaitResult>;
  /** Who runs: the registered instances, and what probes see beside them. Only reads. @throws {MigratorError} `UNREACHABLE`, ... */
  fleet(options?: { readonly signal?: AbortSignal }): Promise<FleetResult>;
  /**
   * Whether a build may be started against this database as it is now: what its first replica would answer. Only reads.
   * @throws {MigratorError} `CONFIGURATION` for the manifest of another service, `JOURNAL_*`, `UNREACHABLE`, ...
   */
  canRun(options?: {
    /** Path of the manifest of another build. @default this build */
    readonly build?: string;
    readonly signal?: AbortSignal;
  }): Promise<CanRunResult>;
  /** What this build needs of its database, to be kept with it. Reads the folder, connects to nothing. @throws {MigratorError} what is wrong with a file */
  manifest(facts?: ManifestFacts): Manifest;
  readonly operations: MigratorOperations;
  readonly backfills: MigratorBackfills;
  readonly readiness: ReadinessProbe;
  /** Adds a listener of run events; returns the function that removes it. */
  onEvent(listener: RunListener): () => void;
  /** Stops readiness, and closes what was opened: never a client that was passed in. */
  close(): Promise<void>;
}
