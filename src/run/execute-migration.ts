import { isMigratorError } from '../errors.js';
import { fleetObjected } from '../plan/gate-refusals.js';
import type { MigrationAction, Unit } from '../plan/plan.js';
import { remainingSteps, statementsOf } from '../plan/steps.js';
import { backUp } from './back-up.js';
import { runAutocommit } from './autocommit-step.js';
import { runOperation } from './operation-step.js';
import { recordFailure } from './record-failure.js';
import { RunningMigration, type ExecuteDeps } from './running-migration.js';
import type { ActContext, ActionResult } from './target.js';
import { runTransaction } from './transaction-unit.js';
import { wayOf } from './way-of.js';

/** Categories of statements after which session settings may differ: SET, set_config() in a query, stored code. */
const MAY_SET: ReadonlySet<string> = new Set(['setting', 'query', 'call', 'other']);

/** Applies or resumes one migration: its units in order, each with its record, under the fence. */
export async function executeMigration(
  action: MigrationAction,
  context: ActContext,
  deps: ExecuteDeps,
): Promise<ActionResult> {
  const run = new RunningMigration(action, context, deps);
  const { id: tag, impact } = action;
  try {
    if (deps.mayObject) await announceToFleet(run);
    context.emit({
      type: 'migration.started',
      tag,
      impact,
      statements: action.steps.length,
      from: run.cursor,
      ...wayOf(action),
    });
    if (action.backup !== undefined) await backUp(run, action.backup);
    await runUnits(run);
  } catch (error) {
    if (isMigratorError(error) && error.code === 'FLEET_OBJECTED') throw error;
    throw await recordFailure(run, error);
  }
  const result = { durationMs: run.elapsedMs(), lockWaitMs: run.lockWaitMs() };
  context.emit({ type: 'migration.finished', tag, impact, ...result, ...wayOf(action) });
  return result;
}

/**
 * Says what is about to happen, and only then looks who is there: an instance that registers either finds the announcement in the ledger and stays down, or
 * is found here. So none boots between the look and the act.
 *
 * @throws {MigratorError} `FLEET_OBJECTED`, with the announcement taken back
 */
async function announceToFleet(run: RunningMigration): Promise<void> {
  const { action, deps } = run;
  await run.announce({ cursor: run.cursor, inFlight: null, digest: null });
  const decision = await deps.consents();
  if (decision !== null) {
    await deps.recorder.gate(action.id, decision.by, decision.detail);
    return;
  }
  await deps.recorder.fail(action, run.attemptId, {
    state: 'failed',
    cursor: run.cursor,
    inFlight: null,
    code: 'FLEET_OBJECTED',
    durationMs: run.elapsedMs(),
  });
  throw fleetObjected(action);
}

async function runUnits(run: RunningMigration): Promise<void> {
  const { action, deps, session } = run;
  const units = remainingUnits(action);
  const restore = action.migration.statements.some(({ is }) => MAY_SET.has(is.category))
    ? await deps.dialectRun.keepSettings(session)
    : null;
  await replaySettings(run);
  if (run.attemptId === null && action.announced && units[0]?.mode !== 'autocommit') {
    await run.announce({ cursor: run.cursor, inFlight: null, digest: null });
  }
  const last = units.at(-1);
  let complete = false;
  for (const unit of units) {
    if (unit.mode === 'transaction') {
      complete = unit === last;
      await runTransaction(run, unit, complete);
    } else {
      for (const step of unit.steps) {
        if (step.kind === 'operation') await runOperation(run, step);
        else await runAutocommit(run, step);
      }
    }
  }
  run.current = null;
  if (!complete) await deps.recorder.completeAlone(action, run.attemptId);
  await restore?.();
}

/** What a resume has left to do; no unit is empty. */
function remainingUnits(action: MigrationAction): readonly Unit[] {
  const todo = new Set(remainingSteps(action));
  return action.units
    .map((unit) => ({ ...unit, steps: unit.steps.filter((step) => todo.has(step)) }))
    .filter((unit) => unit.steps.length > 0);
}

/** Session state of the steps that an earlier attempt completed died with its session. */
async function replaySettings({ action, session }: RunningMigration): Promise<void> {
  const { resume, steps, migration } = action;
  if (resume === null) return;
  const completed = steps.filter(({ position }) => position < resume.position);
  for (const { sql, is } of statementsOf(migration, completed)) {
    if (is.category === 'setting') await session.execute(sql);
  }
}
