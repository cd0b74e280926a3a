import type { Session } from '../database/database.js';
import type { BlockingSession } from '../run-events.js';
import type { FenceCheckSql, FenceRow, SessionRef } from './lock.js';

/** The lock that lives on the session which executes the statements. */
export interface SessionLock {
  /** As `status` prints it, and as the server's catalogue shows it. */
  readonly key: string;
  /** One try, never blocking: a blocked lock call is a running statement with a snapshot, and CREATE INDEX CONCURRENTLY waits for it. */
  tryAcquire(session: Session): Promise<boolean>;
  release(session: Session): Promise<void>;
  /** The session that has it, as the server sees it; null = free. */
  owner(session: Session): Promise<BlockingSession | null>;
  /** Other sessions of ours in this scope that hold nothing. */
  waiters(session: Session): Promise<BlockingSession[]>;
}

/** The rows of `migration_lock` of one scope. */
export interface FenceStore {
  /** Reads without locking. null = no table, no row, or not visible to this role. */
  read(session: Session): Promise<FenceRow | null>;
  /**
   * Takes the next number in a short transaction of its own.
   * @returns the number, or null when a transaction of an earlier run still holds the row after `timeoutMs`
   */
  take(
    session: Session,
    holder: { readonly id: string; readonly recorded: Readonly<Record<string, unknown>> },
    timeoutMs: number,
  ): Promise<string | null>;
  /** @returns false when another holder has taken over */
  heartbeat(session: Session, holderId: string): Promise<boolean>;
  /** Says goodbye; does nothing when another holder has taken over. */
  markReleased(session: Session, holderId: string, fence: string): Promise<void>;
  /**
   * Takes the right away from that holder and no other: the next number, held by nobody.
   * @returns the number; null when another has it or a transaction still holds the row after `timeoutMs`
   */
  revoke(
    session: Session,
    holderId: string,
    fence: string,
    timeoutMs: number,
  ): Promise<string | null>;
  check(fence: string): FenceCheckSql;
}

/** Sessions as the server's catalogue shows them. */
export interface SessionDirectory {
  /** The session, if it is or may be alive: what is not visible to this role counts as alive. */
  find(session: Session, ref: SessionRef): Promise<BlockingSession | null>;
  /** Ends that session and no later one with its number, if it was found or is known to own the lock. @returns whether it was there */
  terminate(session: Session, ref: SessionRef): Promise<boolean>;
  /** Renames the session, where the server allows it. */
  rename(session: Session, name: string): Promise<void>;
}

/** What the lock needs of a dialect, for one scope. */
export interface LockDialect {
  readonly lock: SessionLock;
  readonly fence: FenceStore;
  readonly sessions: SessionDirectory;
  /**
   * Whether sessions share one connection (PGlite): what a waiter sends would wait for the end of the holder's
   * transaction, and no second connection for heartbeats exists.
   */
  readonly sharesConnection: boolean;
}
