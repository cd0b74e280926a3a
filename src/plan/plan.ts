import type { Impact } from '../statements/statement.js';
import type { LedgerMatch, LedgerSnapshot } from '../ledger/ledger.js';
import type { Journal, ParsedMigration } from '../journal/journal.js';
import type { ServerInfo } from '../database/database.js';
import type { MigratorError } from '../errors.js';
import type { Finding } from '../run-events.js';

/** Policies of DESIGN 7, merged with their defaults. */
export interface Policies {
  /** Pending although a later entry is applied. @default 'apply' for expand; contract and breaking are always refused */
  readonly outOfOrder: 'apply' | 'error';
  /** Edited after we applied it. @default 'error' */
  readonly edited: 'error' | 'warn';
  /** In the ledger but not in the folder. @default 'allow' */
  readonly ahead: 'allow' | 'error';
}

/** What is known of the running instances. Until the fleet exists (DESIGN 7) it is always `none`. */
export interface FleetView {
  readonly mode: 'none';
}

/** What the database target saw. */
export interface DatabaseObservation {
  readonly server: ServerInfo;
  readonly journal: Journal;
  readonly ledger: LedgerSnapshot;
  readonly match: LedgerMatch;
  /** Pending migrations, parsed, in journal order. */
  readonly pending: readonly ParsedMigration[];
}

/** A stretch of statements that share a fate. */
export interface Unit {
  /** Run in one transaction, or statement by statement. */
  readonly transactional: boolean;
  /** Indexes into the migration's statements; contiguous. Code migrations stand between statements. */
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: 'statement'; readonly index: number }
  | { readonly kind: 'code'; readonly name: string; readonly beforeStatement: number };

/** One thing that a target will do, as `plan` prints it. */
export interface Action {
  readonly target: string;
  readonly id: string;
}

export interface MigrationAction extends Action {
  readonly target: 'database';
  readonly kind: 'apply' | 'resume';
  /** The migration's tag. */
  readonly id: string;
  readonly migration: ParsedMigration;
  readonly impact: Impact;
  readonly units: readonly Unit[];
  /** Whether attempt, ledger row and work are one transaction. */
  readonly atomic: boolean;
  /** Where a resumed migration goes on, from its last attempt. */
  readonly resume: {
    readonly attemptId: string;
    readonly cursor: number;
    readonly inFlight: number | null;
    readonly objectsDigest: string | null;
    readonly answered: 'applied' | 'rolled-back' | null;
  } | null;
}

/** The difference between journal and ledger, and what to do about it. Pure data. */
export interface DatabasePlan {
  readonly actions: readonly MigrationAction[];
  readonly findings: readonly Finding[];
  /** Why nothing may be executed; the first decides the exit code. */
  readonly refusals: readonly MigratorError[];
}
