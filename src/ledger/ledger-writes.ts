import type { Session } from '../database/database.js';
import type { FenceCheckSql } from '../lock/lock.js';
import type { Impact } from '../statements/statement.js';
import type { LedgerLocation, LedgerVersion, RepairResolution } from './ledger.js';

/** On whose behalf a run writes. */
export interface WriterContext {
  /** The session that executes the work: what is written commits with it. */
  readonly session: Session;
  readonly location: LedgerLocation;
  readonly version: LedgerVersion;
  readonly scope: string;
  /** The number under which this run writes, and the check that it still counts. */
  readonly fence: string;
  readonly fenceCheck: FenceCheckSql;
  /** Holder id of the run. */
  readonly runner: string;
  readonly build: string | null;
  readonly actor: string | null;
}

/** What an attempt and a ledger row say about a migration. */
export interface MigrationFacts {
  readonly tag: string;
  /** As Drizzle takes it: also the ledger row's `hash`. */
  readonly fileChecksum: string;
  readonly tokenChecksum: string | null;
  readonly createdAtMs: number;
  readonly impact: Impact | null;
  readonly requires: string | null;
  /** How many positions the migration has; the cursor counts them. */
  readonly statements: number;
  /** Ids of the ledger rows that go with it: then it is the way back, an attempt of kind `down`. @default none: a row is added */
  readonly reverts?: readonly string[];
  /** Kept with the attempt, as JSON: `{ "reason": "without coordinator" }`. No SQL, no values. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What stands on record of an action of an operation. */
export interface ActionFacts {
  /** `<operation>/<phase>/<action>`. */
  readonly name: string;
  /** Of the operation's definition. */
  readonly specHash: string;
  readonly statements: number;
}

/** How far an attempt has got. */
export interface Progress {
  /** Positions known complete. */
  readonly cursor: number;
  /** 0-based position begun outside a transaction; null = none. */
  readonly inFlight: number | null;
  /** Digest of the objects it touches, taken before it; null = the catalogue cannot decide. */
  readonly digest: string | null;
}

/** An answer of an operator about an attempt, on record. */
export interface RepairFacts extends MigrationFacts {
  readonly resolution: RepairResolution;
  readonly reason: string;
  /** The position in doubt that it answers; null = the whole migration. */
  readonly inFlight: number | null;
  /** Past the position in doubt when it took effect, on it when it did not. */
  readonly cursor: number;
}

/**
 * Everything that a run writes about migrations. Each call is fenced in the same statement as the write, and, where no transaction is
 * open, is a transaction of its own; a call that writes to two tables says so and wants an open one on MySQL.
 * A lost fence is a `MigratorError` (`FENCED`): the caller rolls back and stops.
 */
export interface LedgerWriter {
  /** A new attempt in state `running`. @returns its id */
  begin(facts: MigrationFacts, progress: Progress): Promise<string>;
  /** Moves the cursor of a running attempt. */
  advance(id: string, progress: Progress): Promise<void>;
  /** Ledger row written, or deleted on the way back, and the attempt is `done`. Two tables. */
  complete(id: string, facts: MigrationFacts): Promise<void>;
  /** The same, and an attempt that began with the transaction it is written in. One round trip on Postgres. Two tables. */
  record(facts: MigrationFacts): Promise<void>;
  /** The attempt ends in `failed` or `interrupted`. @returns false when the fence is lost: the first error stays the one to report */
  fail(id: string, state: 'failed' | 'interrupted', errorCode: string): Promise<boolean>;
  /** An attempt that failed without ever having been announced; after its rollback. @returns as {@link fail} */
  recordFailure(
    facts: MigrationFacts,
    state: 'failed' | 'interrupted',
    errorCode: string,
    durationMs: number,
  ): Promise<boolean>;
  /**
   * That the fleet had a say in a migration, and what came of it.
   *
   * @param by by what right the migration goes on
   * @param detail who was there, and whose objection was set aside
   */
  gate(tag: string, by: string, detail: Readonly<Record<string, unknown>>): Promise<void>;
  /** An action of an operation that is done, in the transaction that is open, or in one of its own. */
  action(facts: ActionFacts): Promise<void>;
  /** Attempts that an older fence left `running` become `interrupted`. @returns how many */
  interruptStale(): Promise<number>;
  /** Ledger row and a `baseline` attempt. Two tables. */
  baseline(facts: MigrationFacts, reason: string | null): Promise<void>;
  /** Puts an answer on record; `applied` for a whole migration writes the ledger row as well. Two tables. */
  repair(facts: RepairFacts, writeLedgerRow: boolean): Promise<void>;
}
