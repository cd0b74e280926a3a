import type { Step } from '../plan/plan.js';
import { statementAt } from '../plan/steps.js';
import { runCodeMigration } from './code-migration.js';
import type { RunningMigration } from './running-migration.js';

/** Runs one step of an open transaction, or a setting outside of one, and waits for its answer. */
export async function runStep(
  run: RunningMigration,
  step: Step,
  transactional: boolean,
): Promise<void> {
  const { action, context, deps, session } = run;
  run.current = step;
  context.signal.throwIfAborted();
  context.lock.assertHeld();
  if (step.kind === 'code') {
    const migration = deps.codeMigrations.get(step.name);
    if (migration === undefined) throw new RangeError(`no code migration ${step.name}`);
    await runCodeMigration(migration, action.kind === 'revert', session, context.signal);
    return;
  }
  if (step.kind === 'operation') throw new TypeError('a phase is a unit of its own');
  await run.watched(step, transactional, () =>
    deps.dialectRun.execute(session, statementAt(action.migration, step).sql, run.timing),
  );
}
