import type { Impact } from './statements/statement.js';
import type { DumpContent } from './backup/backup.js';
import type { Pass as BackfillPass } from './backfill/backfill.js';
import type { DriverFacts, ErrorCode } from './errors.js';
import type { HolderInfo } from './lock/lock.js';
import type { ReadinessState, Reason } from './readiness/readiness.js';

/** A phase of an operation, or its way back. */
export type OperationPhase = 'expand' | 'backfill' | 'verify' | 'contract' | 'undo';

/** A session that holds up one of ours. Facts only: never query text. `null` = not visible to this role. */
export interface BlockingSession {
  /** Backend pid (Postgres) or connection id (MySQL), as text. */
  readonly pid: string;
  readonly role: string | null;
  readonly application: string | null;
  /** State as the server names it, such as `idle in transaction`; null when not visible (grant pg_read_all_stats). */
  readonly state: string | null;
  /** Age of its transaction in milliseconds; null when not visible. */
  readonly transactionAgeMs: number | null;
}

/** A remark that stops nothing. */
export interface Finding {
  readonly code: string;
  readonly severity: 'warning' | 'info';
  readonly message: string;
  readonly tag?: string;
  readonly file?: string;
  readonly line?: number;
}

/** What a run does one after the other: migrations, their ways back, or phases of operations that are left to a worker. */
export type WorkUnit = 'migration' | 'reversal' | 'phase';

/**
 * The one stream of events of a run. Logs, metrics, progress and notifications are listeners of it.
 * Events carry tags, counts, codes and durations; never SQL, parameters, row values, hosts or credentials.
 */
export type RunEvent = {
  /** Milliseconds since 1970, by this process's clock. */
  readonly at: number;
  /** The migrator's name. */
  readonly database: string;
  /** The same for all events of one run, and the holder's id; `readiness` for those of the refresher. */
  readonly runId: string;
} & (
  | { readonly type: 'run.started'; readonly command: string; readonly build: string | null }
  | {
      readonly type: 'run.planned';
      readonly unit: WorkUnit;
      readonly actions: number;
      readonly deferred: number;
    }
  | { readonly type: 'run.warning'; readonly finding: Finding }
  | {
      readonly type: 'run.finished';
      /** What {@link applied} counts. */
      readonly unit: WorkUnit;
      readonly outcome: 'applied' | 'nothing-to-do' | 'failed' | 'interrupted';
      readonly applied: number;
      readonly durationMs: number;
      readonly code?: ErrorCode;
    }
  | { readonly type: 'lock.waiting'; readonly holder: HolderInfo | null; readonly waitedMs: number }
  | {
      /** `--wait-fleet`: told at once, then every ten seconds. */
      readonly type: 'fleet.waiting';
      readonly tag: string;
      /** How many hold it back; 0 = it is not known who runs. */
      readonly instances: number;
      readonly waitedMs: number;
    }
  | { readonly type: 'lock.acquired'; readonly fence: string; readonly waitedMs: number }
  | { readonly type: 'lock.lost'; readonly reason: string }
  | { readonly type: 'lock.released'; readonly fence: string }
  | {
      readonly type: 'lock.predecessor';
      readonly holder: HolderInfo;
      readonly action: 'waiting' | 'terminated' | 'gone';
    }
  | { readonly type: 'ledger.bootstrapped'; readonly version: string }
  | {
      readonly type: 'migration.started';
      readonly tag: string;
      readonly impact: Impact;
      readonly statements: number;
      readonly from: number;
      /** Present on the way back. */
      readonly reverted?: true;
    }
  | {
      readonly type: 'migration.finished';
      readonly tag: string;
      readonly impact: Impact;
      readonly durationMs: number;
      readonly lockWaitMs: number;
      /** Present on the way back. */
      readonly reverted?: true;
    }
  | {
      readonly type: 'migration.failed';
      readonly tag: string;
      readonly code: ErrorCode;
      readonly driver?: DriverFacts;
      readonly statement?: number;
      readonly durationMs: number;
      /** Present on the way back. */
      readonly reverted?: true;
    }
  | {
      /** A dump before a contract: of the schema, then of the rows that it takes away. */
      readonly type: 'backup.started';
      readonly tag: string;
      readonly content: DumpContent;
    }
  | {
      readonly type: 'backup.finished';
      readonly tag: string;
      readonly content: DumpContent;
      /** Of the file, absolute. */
      readonly path: string;
      readonly bytes: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'migration.interrupted';
      readonly tag: string;
      readonly cursor: number;
      /** Present on the way back. */
      readonly reverted?: true;
    }
  | {
      readonly type: 'statement.started';
      readonly tag: string;
      readonly statement: number;
      readonly line: number;
      readonly summary: string;
      readonly transactional: boolean;
    }
  | {
      readonly type: 'statement.finished';
      readonly tag: string;
      readonly statement: number;
      readonly durationMs: number;
    }
  | {
      /** A statement waits for a lock, or gave up a try for it. */
      readonly type: 'statement.blocked';
      readonly tag: string;
      /** 1-based. */
      readonly statement: number;
      /** Which try was given up, from 1; 0 = it waits still. */
      readonly attempt: number;
      /** Milliseconds until the next try; 0 while it waits still. */
      readonly retryInMs: number;
      readonly blockers: readonly BlockingSession[];
    }
  | { readonly type: 'index.rebuilt'; readonly tag: string; readonly index: string }
  | {
      readonly type: 'operation.started';
      /** The operation's name. */
      readonly operation: string;
      readonly phase: OperationPhase;
      /** The migration that calls it; null = an operator did. */
      readonly tag: string | null;
    }
  | {
      readonly type: 'operation.blocked';
      readonly operation: string;
      readonly action: string;
      /** 0 = it still waits; else how many tries were made. */
      readonly attempt: number;
      readonly retryInMs: number;
      readonly blockers: readonly BlockingSession[];
    }
  | {
      readonly type: 'operation.action';
      readonly operation: string;
      readonly phase: OperationPhase;
      /** Such as `add-column`. */
      readonly action: string;
      /** Whether the catalogue showed it done before. */
      readonly outcome: 'done' | 'already-done';
      readonly durationMs: number;
    }
  | {
      readonly type: 'operation.finished';
      readonly operation: string;
      readonly phase: OperationPhase;
      /** What it is in now, as `operation list` shows it. */
      readonly state: string;
      readonly durationMs: number;
    }
  | {
      /** Going through an operation's rows begins, or goes on where an earlier run stopped. */
      readonly type: 'backfill.started';
      readonly operation: string;
      readonly pass: BackfillPass;
      readonly ranges: number;
      readonly resumed: boolean;
      /** By the server's statistics; null = unknown. */
      readonly estimatedRows: number | null;
    }
  | {
      /** How many ranges are worked on side by side from now on, and what was measured. */
      readonly type: 'backfill.tuned';
      readonly operation: string;
      readonly pass: BackfillPass;
      readonly ranges: number;
      readonly measured: readonly { readonly ranges: number; readonly rowsPerSecond: number }[];
    }
  | {
      /** Others have begun to work on the server, or have not been seen for a while: on how many ranges it works at a time from now on. */
      readonly type: 'backfill.narrowed';
      readonly operation: string;
      readonly pass: BackfillPass;
      readonly ranges: number;
      readonly others: boolean;
    }
  | {
      /** At most once a second. */
      readonly type: 'backfill.progress';
      readonly operation: string;
      readonly pass: BackfillPass;
      /** Gone through, by earlier runs too. */
      readonly rows: number;
      /** Of them written; of a verification, still to be done. */
      readonly changed: number;
      readonly estimatedRows: number | null;
      readonly rowsPerSecond: number;
      /** null = cannot be told. */
      readonly etaMs: number | null;
    }
  | {
      /** It waits; told when it begins to, and every ten seconds. */
      readonly type: 'backfill.throttled';
      readonly operation: string;
      readonly pass: BackfillPass;
      /** Such as `replica-lag` or `paused`. */
      readonly reason: string;
      readonly message: string;
      readonly waitedMs: number;
    }
  | {
      readonly type: 'backfill.finished';
      readonly operation: string;
      readonly pass: BackfillPass;
      readonly rows: number;
      readonly changed: number;
      /** Of a verification: rows that are still to be done. */
      readonly pending: number;
      /** Rows that were passed over. */
      readonly failures: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'readiness.changed';
      readonly from: ReadinessState;
      readonly to: ReadinessState;
      readonly reasons: readonly Reason[];
      /** Code of the error that ended the read, where one did. */
      readonly code: ErrorCode | null;
    }
);

/** Receives every event, synchronously. What it throws is swallowed by the emitter and never fails a run. */
export type RunListener = (event: RunEvent) => void;

/** The part of an event that its sender gives; the emitter adds time, database and run. */
export type RunEventBody = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, 'at' | 'database' | 'runId'>
    : never
  : never;

/** Sends events of one run. */
export type Emit = (event: RunEventBody) => void;
