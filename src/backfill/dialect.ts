import type { Session } from '../database/database.js';
import type { BlockingSession } from '../run-events.js';
import type { Key, Pass, RangeProgress, RowFailure, Want } from './backfill.js';

/**
 * Seconds that a session of a backfill may stand idle, in a transaction or, on MySQL, at all, before the server ends it. Whoever pauses a process in the middle
 * of a chunk must not hold up who takes over: the chunk holds the fence's row. A session that waits is opened anew.
 */
export const IDLE_SECONDS = 60;

/** One chunk that is to be done: the rows above `lo`, at most `rows` of them, up to the range's bound. */
export interface ChunkRequest {
  readonly range: RangeProgress;
  /** Exclusive; null = from the first row. */
  readonly lo: Key | null;
  readonly rows: number;
  /** Goes on record as the size of the next chunk. */
  readonly batch: number;
  /** Passes over the chunk's one row without touching it, and records why. */
  readonly skip?: Omit<RowFailure, 'key'>;
}

/** What came of a chunk. */
export type ChunkOutcome =
  | {
      readonly kind: 'done';
      /** The last key that is done. */
      readonly hi: Key;
      /** Whether there may be rows left up to the bound. */
      readonly more: boolean;
      readonly rows: number;
      readonly changed: number;
      /** What this chunk has added to {@link BackfillDialect.writes}: on MySQL its rows, where it writes them, and how far it is. */
      readonly writes: number;
      readonly want: Want;
      readonly maxRowsPerSecond: number | null;
      /** Of a verification. */
      readonly sample: readonly Key[];
    }
  /** The fence is another's. */
  | { readonly kind: 'fenced' }
  /** The record has another cursor than we think: an earlier session of ours committed after all. */
  | { readonly kind: 'moved' };

/** What a database does for a pass. Made for one spec. */
export interface BackfillDialect {
  /** Milliseconds that a chunk is meant to take. */
  readonly targetMs: number;
  /** Whether sessions work side by side. */
  readonly parallel: boolean;
  /** For a session that works on chunks. */
  prepare(session: Session, targetMs: number): Promise<void>;
  /** Waits until every transaction that is open now and may have written the table has ended. @returns who is still there */
  olderWriters(session: Session): Promise<OlderWriters>;
  /** The last key; null = there are no rows. */
  bound(session: Session): Promise<Key | null>;
  /** How many rows there are by the server's estimate. */
  estimate(session: Session): Promise<number | null>;
  /** Keys from all over the table, in the database's order. */
  sample(session: Session, bound: Key, estimate: number | null): Promise<readonly Key[]>;
  /** One chunk, its cursor and the fence check in one transaction. */
  chunk(session: Session, pass: Pass, request: ChunkRequest): Promise<ChunkOutcome>;
  /** The key of the row behind `lo`, to name it. */
  firstKey(session: Session, range: RangeProgress, lo: Key | null): Promise<Key | null>;
  /** Milliseconds of the replica furthest behind. */
  replicaLag(session: Session): Promise<Signal>;
  /** Sessions of others that wait for ours. */
  blockedSessions(session: Session, ours: readonly string[]): Promise<Signal>;
  /**
   * What was written on this server so far, by everybody, ours included: statements on MySQL, transactions on Postgres. Counted from wherever the
   * server counts from; null = what is ours cannot be told from what is not.
   */
  writes(session: Session): Promise<number | null>;
}

/** Transactions that were open at one moment. */
export interface OlderWriters {
  /** Who of them has not ended yet; empty = nobody. */
  left(session: Session): Promise<readonly Pick<BlockingSession, 'pid' | 'application'>[]>;
}

/** A reading that may be refused to this login. */
export type Signal =
  | { readonly kind: 'value'; readonly value: number }
  /** There is something, and this login may not see it. */
  | { readonly kind: 'hidden'; readonly message: string }
  /** There is nothing to read on this server. */
  | { readonly kind: 'none' };
