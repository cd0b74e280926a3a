import type { Impact } from '../statements/statement.js';

/** Where Drizzle's own ledger table is: `migrations.schema` and `migrations.table` of drizzle.config.ts. */
export interface LedgerLocation {
  /** Postgres only; our own tables live there too. @default 'drizzle' on Postgres, null on MySQL (the current database) */
  readonly schema: string | null;
  /** @default '__drizzle_migrations' */
  readonly table: string;
}

/** `v0` is the shape of drizzle-orm 0.x, `v1` (column `name`) that of 1.x. */
export type LedgerVersion = 'v0' | 'v1';

/** A row of Drizzle's ledger. */
export interface LedgerRow {
  readonly id: string;
  readonly hash: string;
  /** Milliseconds, as text because node-postgres and PGlite disagree on the type; null in hand-made rows. */
  readonly createdAt: string | null;
  /** v1 only. */
  readonly name: string | null;
}

/** How a try stands. */
export type AttemptState = 'running' | 'done' | 'failed' | 'interrupted';
/** What was tried. An older version of the library reads words that are new to it as it reads these. */
export type AttemptKind = 'migration' | 'down' | 'action' | 'baseline' | 'repair' | 'gate';

/** A row of `migration_attempts` (DDL: locks.md 4). */
export interface Attempt {
  readonly id: string;
  readonly kind: AttemptKind;
  readonly tag: string;
  readonly fileChecksum: string | null;
  readonly tokenChecksum: string | null;
  readonly createdAtMs: number | null;
  readonly impact: Impact | null;
  readonly requires: string | null;
  readonly state: AttemptState;
  readonly statements: number;
  /** How many statements are known complete. */
  readonly statementCursor: number;
  /** 0-based index of a statement begun outside a transaction and not yet known complete. */
  readonly inFlight: number | null;
  /** Digest, taken before it, of the objects that the statement in flight touches; null = cannot be decided from the catalogue. */
  readonly objectsDigest: string | null;
  readonly fence: string;
  readonly runner: string;
  readonly build: string | null;
  readonly actor: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly errorCode: string | null;
  readonly reason: string | null;
  /** What a row of kind `repair` answered; null on all others. */
  readonly resolution: RepairResolution | null;
  /** What each position said when it ran, of an attempt that may be resumed; null on all others. */
  readonly stepDigests: readonly string[] | null;
}

/** The answers that `repair` can put on record. */
export type RepairResolution = 'applied' | 'rolled-back' | 'accept-checksum';

/** What a database has had, read in one go. Missing tables are empty, not errors. */
export interface LedgerSnapshot {
  /** null = Drizzle's table does not exist. */
  readonly version: LedgerVersion | null;
  readonly rows: readonly LedgerRow[];
  /** Whether our own tables exist, each at least as new as this version of the library wants it. */
  readonly bootstrapped: boolean;
  /**
   * The latest attempt of each tag and kind `migration`, plus baselines and repairs; ordered by id. What a way back has reverted is not among them any more.
   * Of kind `down` are those alone that began to change something, or still may, and are not through.
   */
  readonly attempts: readonly Attempt[];
  /** No table of a user's exists: nothing can be lost and nobody's consent is needed. */
  readonly empty: boolean;
}

/** What the ledger says about one journal entry (drizzle.md 4.4). */
export type Verdict =
  | 'applied'
  | 'edited' // we applied it, and its tokens have changed since
  | 'edited-before-adoption' // stock applied it, and the file has changed since
  | 'comments-changed'
  | 'line-endings'
  | 'renamed'
  | 'retimed'
  | 'name-missing'
  | 'ambiguous'
  | 'pending';

/** What the ledger says about one journal entry. */
export interface Match {
  readonly tag: string;
  readonly position: number;
  readonly verdict: Verdict;
  /** The ledger row consumed, if any. */
  readonly row: LedgerRow | null;
  /** Pending, and an entry after it is applied. */
  readonly outOfOrder: boolean;
}

/** The journal laid over the ledger. */
export interface LedgerMatch {
  /** One a journal entry, in journal order. */
  readonly entries: readonly Match[];
  /** Rows that no entry claims: applied by a newer build, or deleted history. */
  readonly unknown: readonly LedgerRow[];
  /** Rows with hash and time of a consumed row. */
  readonly duplicates: readonly LedgerRow[];
}
