import type { Backups } from '../backup/backup.js';
import type { Session } from '../database/database.js';
import type { Progress } from '../ledger/ledger-writer.js';
import type { CodeMigration } from '../options.js';
import type { ConsentBy } from '../plan/gate.js';
import type { BackfillsBy, MigrationAction, StatementStep, Step } from '../plan/plan.js';
import type { BlockerWatch } from './blocker-watch.js';
import type { DialectRun, StepTiming } from './dialect-run.js';
import type { OperationDeps } from './operation-phase.js';
import type { Recorder } from './recorder.js';
import { climbFor } from './table-lock-waits.js';
import type { ActContext } from './target.js';
import { watchStatement } from './watch-statement.js';

/** What executing a migration needs besides the run. */
export interface ExecuteDeps {
  readonly recorder: Recorder;
  readonly dialectRun: DialectRun;
  readonly watch: BlockerWatch;
  readonly codeMigrations: ReadonlyMap<string, CodeMigration>;
  readonly operations: OperationDeps;
  /** Who goes through the rows of operations. */
  readonly backfills: BackfillsBy;
  /** Takes dumps; null = no backup is asked for. */
  readonly backups: Backups | null;
  /** Whether the fleet has a say in this migration. */
  readonly mayObject: boolean;
  /** Asks it, once it is told what is about to happen. Null = it objects. */
  consents(): Promise<Decision | null>;
  readonly lockTimeoutMs: number;
  readonly lockLadderMs: number;
}

/** By what right a migration goes on, and what is put on record of that. */
export interface Decision {
  readonly by: ConsentBy;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One migration while it is carried out: what its units work with, and how far they have got. */
export class RunningMigration {
  readonly session: Session;
  readonly timing: StepTiming;
  /** The attempt on record; null until something is. */
  attemptId: string | null = null;
  /** Positions known complete: what a failure reports and a resume starts from. */
  cursor: number;
  /** The step at work; null between units. */
  current: Step | null = null;
  /** Position of a statement that may have taken effect in part when it failed. */
  inDoubt: number | null = null;
  /** Position of a contract of an operation that has begun and is not through. */
  halfContracted: number | null = null;
  #lockWaitMs = 0;
  readonly #began = performance.now();

  constructor(
    readonly action: MigrationAction,
    readonly context: ActContext,
    readonly deps: ExecuteDeps,
  ) {
    const { directives } = action.migration;
    this.session = context.lock.session;
    this.cursor = action.resume?.position ?? 0;
    this.timing = {
      lockTimeoutMs: directives.lockTimeoutMs ?? deps.lockTimeoutMs,
      statementTimeoutMs: directives.statementTimeoutMs,
    };
  }

  /** Whole milliseconds since it began. */
  elapsedMs(): number {
    return Math.round(performance.now() - this.#began);
  }

  /** Whole milliseconds of it that were spent waiting for table locks. */
  lockWaitMs(): number {
    return Math.round(this.#lockWaitMs);
  }

  /** Puts on record how far it is: its attempt is begun, or brought forward. */
  async announce(progress: Progress): Promise<void> {
    if (this.attemptId === null) {
      this.attemptId = await this.deps.recorder.begin(this.action, progress);
    } else {
      await this.deps.recorder.advance(this.attemptId, progress);
    }
  }

  /** Commits with the unit's work; a migration of more than one unit always has an attempt. */
  async advance(cursor: number): Promise<void> {
    if (this.attemptId === null) throw new TypeError('a migration of several units has no attempt');
    await this.deps.recorder.advance(this.attemptId, { cursor, inFlight: null, digest: null });
  }

  /** Runs a statement with events around it and an eye on who blocks it. */
  watched<T>(step: StatementStep, transactional: boolean, work: () => Promise<T>): Promise<T> {
    const { action, context, deps, timing } = this;
    const watched = { action, step, transactional, lockTimeoutMs: timing.lockTimeoutMs };
    return watchStatement(watched, context.emit, deps.watch, work);
  }

  /** Tries again while a table lock is not to be had. */
  async climb(work: () => Promise<void>): Promise<void> {
    const { action, context, deps } = this;
    const { watch, lockLadderMs } = deps;
    const { waitedMs } = await climbFor(
      { context, watch, lockLadderMs },
      (blocked) =>
        context.emit({
          type: 'statement.blocked',
          tag: action.id,
          statement: this.current?.kind === 'statement' ? this.current.index + 1 : 0,
          ...blocked,
        }),
      work,
    );
    this.#lockWaitMs += waitedMs;
  }
}
