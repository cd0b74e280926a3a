import type { Impact } from './statements/statement.js';
import type { AttemptState, Verdict } from './ledger/ledger.js';
import type { HolderInfo } from './lock/lock.js';
import type { BlockingSession, Finding, RunListener } from './run-events.js';
import type { Readiness } from './readiness/readiness.js';

export interface UpOptions {
  /** Stop after this migration. */
  readonly to?: string;
  /** Milliseconds to wait for the lock. @default 600000 */
  readonly waitMs?: number;
  /** Run on the session lock and the fence alone; recorded with the attempts. @default false */
  readonly withoutCoordinator?: boolean;
  /** Ends the run: finish or roll back the statement, record, release. Its reason should be a `MigratorError`. */
  readonly signal?: AbortSignal;
}

export interface AppliedMigration {
  readonly tag: string;
  readonly impact: Impact;
  readonly statements: number;
  readonly durationMs: number;
  /** Where a resumed migration went on; 0 for a fresh one. */
  readonly resumedFrom: number;
}

export interface UpResult {
  readonly outcome: 'applied' | 'nothing-to-do';
  readonly applied: readonly AppliedMigration[];
  /** Contracts that wait for the fleet; always empty until the fleet exists. */
  readonly deferred: readonly { readonly tag: string; readonly waitsFor: readonly string[] }[];
  readonly findings: readonly Finding[];
  /** null when nothing had to be done and no lock was taken. */
  readonly fence: string | null;
  readonly waitedMs: number;
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

export interface PlannedMigration {
  readonly tag: string;
  readonly file: string;
  readonly kind: 'apply' | 'resume';
  readonly impact: Impact;
  readonly requires: string | null;
  readonly atomic: boolean;
  readonly statements: readonly PlannedStatement[];
  readonly reversible: boolean;
}

export interface PlanResult {
  readonly migrations: readonly PlannedMigration[];
  readonly findings: readonly Finding[];
  readonly refusals: readonly Record<string, unknown>[];
  /** Whether something that this build requires is pending. */
  readonly requiredPending: boolean;
  readonly lockedBy: HolderInfo | null;
}

export interface StatusMigration {
  readonly tag: string;
  readonly verdict: Verdict;
  readonly appliedAt: string | null;
  readonly impact: Impact | null;
  readonly attempt: {
    readonly state: AttemptState;
    readonly cursor: number;
    readonly statements: number;
    readonly inFlight: number | null;
    readonly errorCode: string | null;
    readonly startedAt: string;
    readonly finishedAt: string | null;
  } | null;
}

export interface StatusResult {
  readonly database: string;
  readonly server: string;
  readonly ledger: { readonly table: string; readonly version: string | null };
  readonly migrations: readonly StatusMigration[];
  readonly counts: {
    readonly applied: number;
    readonly pending: number;
    readonly required: number;
    readonly unknown: number;
  };
  /** In the ledger but not in the folder. */
  readonly ahead: readonly { readonly name: string | null; readonly createdAt: string | null }[];
  readonly lock: {
    readonly scope: string;
    readonly key: string;
    readonly fence: string | null;
    readonly holder: HolderInfo | null;
    /** The holder's session as the server sees it, and who waits or blocks. */
    readonly session: BlockingSession | null;
    readonly waiters: readonly BlockingSession[];
  };
  readonly findings: readonly Finding[];
  readonly requiredPending: boolean;
}

export interface VerifyResult {
  readonly checked: number;
  readonly findings: readonly Finding[];
}

export interface BaselineResult {
  readonly recorded: readonly string[];
  readonly findings: readonly Finding[];
}

export interface RepairResult {
  readonly tag: string;
  readonly resolution: 'applied' | 'rolled-back' | 'accept-checksum';
  /** 1-based number of the statement in doubt that this answered; null where the whole migration was meant. */
  readonly statement: number | null;
}

export interface UnlockResult {
  readonly holder: HolderInfo | null;
  readonly terminated: boolean;
  readonly fence: string;
}

export interface WaitResult {
  readonly waitedMs: number;
}

/** Readiness of one migrator: started and stopped by whoever owns it, read from memory. */
export interface ReadinessProbe {
  /** Never queries, never throws. */
  current(): Readiness;
  /** Begins to read in the background. */
  start(): void;
  stop(): Promise<void>;
  /** Resolves after the read in progress, or the next one. */
  refreshed(): Promise<Readiness>;
}

/** Everything one can do with one database and one journal. A value: make several for several databases. */
export interface Migrator {
  readonly name: string;
  /** Applies what is pending, as the single runner. @throws {MigratorError} */
  up(options?: UpOptions): Promise<UpResult>;
  /** What `up` would do. Read-only transaction, no lock, works with a read-only role. */
  plan(options?: {
    readonly to?: string;
    readonly sql?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<PlanResult>;
  status(options?: { readonly signal?: AbortSignal }): Promise<StatusResult>;
  /** Files against ledger. @throws {MigratorError} `EDITED`, `AMBIGUOUS`, ... */
  verify(options?: { readonly signal?: AbortSignal }): Promise<VerifyResult>;
  /** Records migrations up to and including the tag as applied without running them. */
  baseline(
    tag: string,
    options?: { readonly reason?: string; readonly waitMs?: number; readonly signal?: AbortSignal },
  ): Promise<BaselineResult>;
  repair(
    tag: string,
    resolution: 'applied' | 'rolled-back' | 'accept-checksum',
    options: { readonly reason: string; readonly waitMs?: number; readonly signal?: AbortSignal },
  ): Promise<RepairResult>;
  unlock(options: {
    readonly holderId: string;
    readonly terminate?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<UnlockResult>;
  /** Waits until everything this build requires is applied. @throws {MigratorError} `WAIT_TIMEOUT`, `UNREACHABLE`, ... */
  wait(options?: {
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): Promise<WaitResult>;
  readonly readiness: ReadinessProbe;
  /** Adds a listener of run events; returns the function that removes it. */
  onEvent(listener: RunListener): () => void;
  close(): Promise<void>;
}
