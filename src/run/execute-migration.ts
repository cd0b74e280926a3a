import type { Session } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import type { CodeMigration } from '../options.js';
import type { MigrationAction, Step, Unit } from '../plan/plan.js';
import { remainingSteps } from '../plan/steps.js';
import type { BlockerWatch } from './blocker-watch.js';
import { cancellable } from './cancellation.js';
import { runCodeMigration } from './code-migration.js';
import type { DialectRun, StepTiming } from './dialect-run.js';
import { migrationFailure } from './failure.js';
import { repeatsSafely, takesEffectInParts } from './in-doubt.js';
import { climb, type LadderOptions } from './lock-ladder.js';
import type { Recorder } from './recorder.js';
import type { ActContext, ActionResult } from './target.js';
import { watchStatement } from './watch-statement.js';

/** What executing a migration needs besides the run. */
export interface ExecuteDeps {
  readonly recorder: Recorder;
  readonly dialectRun: DialectRun;
  readonly watch: BlockerWatch;
  readonly codeMigrations: ReadonlyMap<string, CodeMigration>;
  readonly lockTimeoutMs: number;
  readonly lockLadderMs: number;
}

/** The longest pause between two tries for a table lock, in milliseconds (expand-contract.md 5). */
const MAX_PAUSE_MS = 60_000;
/** Categories of statements after which session settings may differ: SET, set_config() in a query, stored code. */
const MAY_SET: ReadonlySet<string> = new Set(['setting', 'query', 'call', 'other']);
/** At most this many statements, and this many characters of them, are sent without waiting for answers. */
const SENT_AT_ONCE = 32;
const SENT_AT_ONCE_LENGTH = 65_536;

/** Applies or resumes one migration: its units in order, each with its record, under the fence. */
export async function executeMigration(
  action: MigrationAction,
  context: ActContext,
  deps: ExecuteDeps,
): Promise<ActionResult> {
  return new MigrationRun(action, context, deps).run();
}

class MigrationRun {
  readonly #session: Session;
  readonly #timing: StepTiming;
  #attemptId: string | null = null;
  /** Positions known complete: what a failure reports and a resume starts from. */
  #cursor: number;
  #current: Step | null = null;
  /** Position of a statement that may have taken effect in part when it failed. */
  #inDoubt: number | null = null;
  #lockWaitMs = 0;
  readonly #began = performance.now();

  constructor(
    private readonly action: MigrationAction,
    private readonly context: ActContext,
    private readonly deps: ExecuteDeps,
  ) {
    const { directives } = action.migration;
    this.#session = context.lock.session;
    this.#cursor = action.resume?.position ?? 0;
    this.#timing = {
      lockTimeoutMs: directives.lockTimeoutMs ?? deps.lockTimeoutMs,
      statementTimeoutMs: directives.statementTimeoutMs,
    };
  }

  async run(): Promise<ActionResult> {
    const { action, context } = this;
    context.emit({
      type: 'migration.started',
      tag: action.id,
      impact: action.impact,
      statements: action.steps.length,
      from: this.#cursor,
    });
    try {
      await this.#runUnits();
    } catch (error) {
      await this.#recordFailure(error);
    }
    const durationMs = this.#elapsedMs();
    const lockWaitMs = Math.round(this.#lockWaitMs);
    context.emit({
      type: 'migration.finished',
      tag: action.id,
      impact: action.impact,
      durationMs,
      lockWaitMs,
    });
    return { durationMs, lockWaitMs };
  }

  async #runUnits(): Promise<void> {
    const { action, deps } = this;
    const todo = new Set(remainingSteps(action));
    const units = action.units
      .map((unit) => ({ ...unit, steps: unit.steps.filter((step) => todo.has(step)) }))
      .filter((unit) => unit.steps.length > 0);

    const restore = action.migration.statements.some(({ is }) => MAY_SET.has(is.category))
      ? await deps.dialectRun.keepSettings(this.#session)
      : null;
    await this.#replaySettings();
    if (action.announced && units[0]?.mode !== 'autocommit') {
      this.#attemptId = await deps.recorder.begin(action, {
        cursor: this.#cursor,
        inFlight: null,
        digest: null,
      });
    }
    const last = units.at(-1);
    let complete = false;
    for (const unit of units) {
      if (unit.mode === 'transaction') {
        complete = unit === last;
        await this.#transaction(unit, complete);
      } else {
        for (const step of unit.steps) await this.#autocommit(step);
      }
    }
    this.#current = null;
    if (!complete) await deps.recorder.completeAlone(action, this.#attemptId);
    await restore?.();
  }

  /** Session state of the steps that an earlier attempt completed died with its session. */
  async #replaySettings(): Promise<void> {
    if (this.action.resume === null) return;
    const { position } = this.action.resume;
    for (const step of this.action.steps) {
      if (step.position >= position || step.kind !== 'statement') continue;
      const statement = this.action.migration.statements[step.index];
      if (statement?.is.category === 'setting') await this.#session.execute(statement.sql);
    }
  }

  async #transaction(unit: Unit, last: boolean): Promise<void> {
    const { deps, context, action } = this;
    const { waitedMs } = await climb(this.#ladder(), async () => {
      context.lock.assertHeld();
      try {
        await cancellable(
          this.#session,
          context.signal,
          () => 'cancel',
          async () => {
            if (deps.dialectRun.pipelined && isSmall(unit, action)) {
              await this.#sentAtOnce(unit, last);
            } else {
              await this.#oneByOne(unit, last);
            }
          },
        );
      } catch (error) {
        await this.#rollback();
        throw error;
      }
    });
    this.#lockWaitMs += waitedMs;
    this.#cursor = this.#positionAfter(unit);
  }

  async #oneByOne(unit: Unit, last: boolean): Promise<void> {
    await this.deps.dialectRun.begin(this.#session, this.#timing, last && this.context.last);
    for (const step of unit.steps) await this.#step(step, true);
    this.#current = null;
    await this.#record(unit, last);
    await this.#session.query('commit');
  }

  /**
   * The whole unit in one round trip. The server works through it in order and refuses what comes behind a failure, COMMIT
   * included, so the outcome is that of {@link #oneByOne}; events are told as the answers come in.
   */
  async #sentAtOnce(unit: Unit, last: boolean): Promise<void> {
    let answered: Promise<unknown> = this.deps.dialectRun.begin(
      this.#session,
      this.#timing,
      last && this.context.last,
    );
    for (const step of unit.steps) {
      const answer = this.#session.execute(this.#textOf(step));
      // Its failure is met when its turn comes; until then it is nobody's.
      answer.catch(() => undefined);
      answered = answered.then(() => {
        this.#current = step;
        return step.kind === 'code' ? answer : this.#watched(step, true, () => answer);
      });
    }
    const recorded = this.#record(unit, last);
    const committed = this.#session.query('commit');
    await Promise.allSettled([answered, recorded, committed]);
    await answered;
    this.#current = null;
    await recorded;
    await committed;
  }

  #record(unit: Unit, last: boolean): Promise<void> {
    return last
      ? this.deps.recorder.complete(this.action, this.#attemptId)
      : this.#advance(this.#positionAfter(unit));
  }

  #textOf(step: Step): string {
    const statement =
      step.kind === 'code' ? undefined : this.action.migration.statements[step.index];
    if (statement === undefined) throw new RangeError(`no statement at ${step.position}`);
    return statement.sql;
  }

  async #autocommit(step: Step): Promise<void> {
    const { deps, context, action } = this;
    this.#current = step;
    context.signal.throwIfAborted();
    if (step.kind === 'code') throw new TypeError('a code migration always runs in a transaction');
    const statement = action.migration.statements[step.index];
    if (statement?.is.category === 'setting') {
      await this.#step(step, false);
      return;
    }
    const digest = await deps.dialectRun.digest(this.#session, action, step);
    await this.#announceInFlight(step, digest);
    const mayHaveRun = action.resume !== null && step.position === action.resume.position;
    const inParts = statement !== undefined && takesEffectInParts(statement.is);
    const work = (): Promise<void> =>
      this.#watched(step, false, () =>
        cancellable(this.#session, context.signal, onStopOutsideTransaction, () => {
          if (inParts) this.#inDoubt = step.position;
          return deps.dialectRun.autocommit(this.#session, {
            action,
            step,
            timing: this.#timing,
            mayHaveRun,
            onIndexRebuilt: (index) =>
              context.emit({ type: 'index.rebuilt', tag: action.id, index }),
          });
        }),
      );
    // What a first try did before it met a lock would be done again by the second.
    if (inParts) await work();
    else this.#lockWaitMs += (await climb(this.#ladder(), work)).waitedMs;
    this.#inDoubt = null;
    this.#cursor = step.position + 1;
    // Nothing but this record can tell later that it took effect.
    if (digest === null && statement !== undefined && !repeatsSafely(statement.is)) {
      await this.#advance(this.#cursor);
    }
  }

  /** Commits with the unit's work; a migration of more than one unit always has an attempt. */
  async #advance(cursor: number): Promise<void> {
    if (this.#attemptId === null)
      throw new TypeError('a migration of several units has no attempt');
    await this.deps.recorder.advance(this.#attemptId, { cursor, inFlight: null, digest: null });
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#began);
  }

  async #announceInFlight(step: Step, digest: string | null): Promise<void> {
    const state = { cursor: step.position, inFlight: step.position, digest };
    if (this.#attemptId === null) {
      this.#attemptId = await this.deps.recorder.begin(this.action, state);
    } else {
      await this.deps.recorder.advance(this.#attemptId, state);
    }
  }

  async #step(step: Step, transactional: boolean): Promise<void> {
    this.#current = step;
    this.context.signal.throwIfAborted();
    this.context.lock.assertHeld();
    if (step.kind === 'code') {
      const migration = this.deps.codeMigrations.get(step.name);
      if (migration === undefined) throw new RangeError(`no code migration ${step.name}`);
      await runCodeMigration(migration, this.#session, this.context.signal);
      return;
    }
    await this.#watched(step, transactional, () =>
      this.deps.dialectRun.execute(this.#session, this.#textOf(step), this.#timing),
    );
  }

  #watched<T>(
    step: Step & { kind: 'statement' },
    transactional: boolean,
    work: () => Promise<T>,
  ): Promise<T> {
    const { action, context, deps } = this;
    const watched = { action, step, transactional, lockTimeoutMs: this.#timing.lockTimeoutMs };
    return watchStatement(watched, context.emit, deps.watch, work);
  }

  #ladder(): LadderOptions {
    return {
      limitMs: this.deps.lockLadderMs,
      maxPauseMs: MAX_PAUSE_MS,
      signal: this.context.signal,
      random: Math.random,
      blockers: this.deps.watch.seen,
      onRetry: (retry) =>
        this.context.emit({
          type: 'statement.blocked',
          tag: this.action.id,
          statement: this.#current?.kind === 'statement' ? this.#current.index + 1 : 0,
          attempt: retry.attempt,
          retryInMs: retry.pauseMs,
          blockers: retry.blockers,
        }),
    };
  }

  #positionAfter(unit: Unit): number {
    return (unit.steps.at(-1)?.position ?? this.#cursor - 1) + 1;
  }

  async #rollback(): Promise<void> {
    if (this.#session.lost.aborted) return;
    // A rollback that fails means the session is gone, and with it the transaction: the first error is the one to report.
    await this.#session.query('rollback').catch(() => undefined);
  }

  async #recordFailure(error: unknown): Promise<never> {
    const durationMs = this.#elapsedMs();
    const { action, context, deps } = this;
    const failure = migrationFailure(error, action, {
      step: this.#current,
      cursor: this.#cursor,
      inDoubt: this.#inDoubt !== null,
    });
    const stopped = isMigratorError(error) && context.signal.aborted;
    if (!this.#session.lost.aborted) {
      // The record is a courtesy: without it the successor finds `running` under an older fence, or nothing to undo.
      await deps.recorder
        .fail(action, this.#attemptId, {
          state: stopped ? 'interrupted' : 'failed',
          cursor: this.#cursor,
          inFlight: this.#inDoubt,
          code: failure.code,
          durationMs,
        })
        .catch(() => undefined);
    }
    if (stopped)
      context.emit({ type: 'migration.interrupted', tag: action.id, cursor: this.#cursor });
    else {
      context.emit({
        type: 'migration.failed',
        tag: action.id,
        code: failure.code,
        ...(failure.driver !== undefined && { driver: failure.driver }),
        ...(this.#current?.kind === 'statement' && { statement: this.#current.index + 1 }),
        durationMs,
      });
    }
    throw failure;
  }
}

/** Whether a unit may be on its way as a whole: code wants answers, and what is large would wait in this process's memory. */
function isSmall(unit: Unit, action: MigrationAction): boolean {
  if (unit.steps.length > SENT_AT_ONCE) return false;
  let length = 0;
  for (const step of unit.steps) {
    if (step.kind === 'code') return false;
    const statement = action.migration.statements[step.index];
    // ROLLBACK TO would bring a failed transaction back to life, and the COMMIT behind it would go through.
    if (statement === undefined || statement.is.control !== null) return false;
    length += statement.sql.length;
  }
  return length <= SENT_AT_ONCE_LENGTH;
}

/** A lost lease lets a statement outside transactions finish: half an index helps nobody (locks.md 6). */
function onStopOutsideTransaction(reason: unknown): 'cancel' | 'finish' {
  return isMigratorError(reason) && reason.code === 'LOCK_LOST' ? 'finish' : 'cancel';
}
