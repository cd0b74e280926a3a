import type { Session } from '../database/database.js';
import type { MigrationAction, StatementStep, Step } from '../plan/plan.js';

/** How a dialect begins a unit, guards a statement outside transactions, and tidies up after a migration. */
export interface DialectRun {
  /**
   * Whether what is sent without waiting keeps its order and fails behind a failure, so that opening a transaction and ending it
   * cost no round trip of their own.
   */
  readonly pipelined: boolean;
  /** Opens a transaction with the time-outs of this migration. Only one that is `durable` need wait for the disk when it commits. */
  begin(session: Session, timing: StepTiming, durable: boolean): Promise<void>;
  /** Runs a statement of an open transaction, or a setting, for no longer than it may take. */
  execute(session: Session, sql: string, timing: StepTiming): Promise<void>;
  /** Runs a statement that is in no transaction: time-outs, and what must be looked at before and after it. */
  autocommit(session: Session, work: AutocommitWork): Promise<void>;
  /** Runs a statement of ours that is in no transaction. `unlimited`: it may wait for old transactions as long as it takes. */
  alone(session: Session, sql: string, timing: StepTiming, unlimited: boolean): Promise<void>;
  /** What to compare later to decide whether this statement took effect; null = the catalogue cannot tell. */
  digest(session: Session, action: MigrationAction, step: Step): Promise<string | null>;
  /** Reads the session's settings before statements that may change them; the function puts them back. */
  keepSettings(session: Session): Promise<() => Promise<void>>;
}

/** Time-outs of one migration, in milliseconds; null = none. */
export interface StepTiming {
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number | null;
}

/** A statement outside transactions, and how to report on it. */
export interface AutocommitWork {
  readonly action: MigrationAction;
  readonly step: StatementStep;
  readonly timing: StepTiming;
  /** True when an earlier attempt may have run it, in part or whole. */
  readonly mayHaveRun: boolean;
  readonly onIndexRebuilt: (index: string) => void;
}
