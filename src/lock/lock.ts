import type { Session } from '../database/database.js';

/** Who holds or held the lock. Printed by `status` and in errors; never holds credentials. */
export interface HolderInfo {
  /** UUID, new for every run. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly app: string;
  readonly release?: string;
  /** ISO time at which the run began, by the holder's clock; for display only. */
  readonly startedAt: string;
  readonly fence?: string;
  /** How long ago it acquired, by the database's clock. */
  readonly heldForMs?: number;
  /** Age of its last heartbeat, by the database's clock. */
  readonly heartbeatAgeMs?: number;
  /** The session that holds the lock, as the server knows it. */
  readonly session?: { readonly id: string; readonly start: string | null };
}

/** What the lock protects: the qualified name of the ledger table, such as `drizzle.__drizzle_migrations`. */
export type Scope = string;

/**
 * The optional outer lock (Redlock, later NATS KV). Never the authority: the fence in the database is.
 * Implementations are checked at the door by {@link isCoordinator}.
 */
export interface Coordinator {
  /** Such as `redlock`. */
  readonly kind: string;
  /**
   * One try, never blocking longer than its own time-outs.
   * @returns a lease, or null when another holder has it
   * @throws {MigratorError} `COORDINATOR_UNREACHABLE`
   */
  tryAcquire(scope: Scope, holder: HolderInfo, signal: AbortSignal): Promise<Lease | null>;
  /** Deletes the key if it belongs to that holder. */
  forceRelease(scope: Scope, holderId: string): Promise<void>;
  /** Closes connections that this value opened. */
  close(): Promise<void>;
}

/** A coordinator's lock with a lifetime, kept alive by its own heartbeat. */
export interface Lease {
  /** Aborted with a `MigratorError` (`LOCK_LOST`) when the lease is or may be gone. */
  readonly lost: AbortSignal;
  /** Synchronous, between statements; reads a monotonic deadline. @throws {MigratorError} `LOCK_LOST` */
  assertHeld(): void;
  /** Never rejects. */
  release(): Promise<void>;
}

/** What the holder of the lock works with. */
export interface HeldLock {
  readonly scope: Scope;
  /** The session that holds the lock and executes the work: they share a fate. */
  readonly session: Session;
  readonly holder: HolderInfo;
  /** The number under which every write of this run is made. */
  readonly fence: string;
  /** Aborted when session or lease are lost. */
  readonly lost: AbortSignal;
  /** Synchronous; throws the reason of {@link lost}. */
  assertHeld(): void;
  /**
   * The fence check, inside the transaction that is about to write (locks.md 4).
   * @param session the writing session; any session of this run
   * @throws {MigratorError} `FENCED`
   */
  checkFence(session: Session): Promise<void>;
  /** The parts of the fence check as SQL, for statements that fold it into their own round trip. */
  readonly fenceCheck: FenceCheckSql;
}

/** A select that returns one row exactly while the fence is ours and takes the shared row lock. */
export interface FenceCheckSql {
  /** SQL text whose first placeholder is number `firstParameter`. */
  sql(firstParameter: number): string;
  readonly params: readonly unknown[];
}

/** Options of taking the lock. */
export interface LockOptions {
  /** Milliseconds to wait for another holder; 0 = do not wait. @default 600000 (release job), 300000 (start-up) */
  readonly waitMs: number;
  /** Shortest pause between polls, in milliseconds; at most {@link pollMaxMs}. @default 400 */
  readonly pollMinMs: number;
  /** Longest pause between polls, in milliseconds, with full jitter. @default 1500 */
  readonly pollMaxMs: number;
  /** What to do with a predecessor whose session still lives although we hold the lock. @default 'wait' (then fail) */
  readonly drain: 'wait' | 'terminate' | 'fail';
  /** Milliseconds to wait for it. @default 30000 */
  readonly drainMs: number;
}

/** Where our own tables are: a ledger's location will do. */
export interface LockLocation {
  /** Schema of `migration_lock`; null = the current database (MySQL). */
  readonly schema: string | null;
}

/** The two rows of `migration_lock` of one scope, as last written. Ages are by the database's clock. */
export interface FenceRow {
  readonly fence: string;
  readonly holderId: string | null;
  /** As the holder wrote it when it took the fence. */
  readonly holder: Readonly<Record<string, unknown>> | null;
  readonly session: SessionRef | null;
  /** Milliseconds since the fence was taken. */
  readonly heldForMs: number | null;
  /** Whether the holder said goodbye. */
  readonly released: boolean;
  /** Milliseconds since that holder's last heartbeat. */
  readonly heartbeatAgeMs: number | null;
}

/** A session as the server knows it, and what tells it from a later one with the same number. */
export interface SessionRef {
  /** Backend pid (Postgres) or connection id (MySQL). */
  readonly id: string;
  /** Its start, to the microsecond in UTC (Postgres); user, host and client port (MySQL); null = not recorded. */
  readonly start: string | null;
}

/** What `withMigrationLock` tells whoever watches. Nothing thrown in here reaches the run. */
export interface LockHooks {
  /** Another holder has it; at once, then at most every ten seconds. */
  onWait?(holder: HolderInfo | null, waitedMs: number): void;
  /** A predecessor's session still lives although the lock is ours. */
  onPredecessor?(holder: HolderInfo, action: 'waiting' | 'terminated' | 'gone'): void;
  /** The lock is ours and the fence is taken. */
  onAcquired?(held: HeldLock, waitedMs: number): void;
  /** The lock was given back. */
  onReleased?(fence: string): void;
}
