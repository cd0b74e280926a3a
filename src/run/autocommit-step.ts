import { isMigratorError } from '../errors.js';
import type { Step } from '../plan/plan.js';
import { statementAt } from '../plan/steps.js';
import { cancellable } from './cancellation.js';
import { repeatsSafely, takesEffectInParts } from './in-doubt.js';
import { runStep } from './run-step.js';
import type { RunningMigration } from './running-migration.js';

/**
 * Runs a statement that cannot be in a transaction. That it is about to run goes on record before it, because nothing can be
 * committed together with it.
 */
export async function runAutocommit(run: RunningMigration, step: Step): Promise<void> {
  const { action, context, deps, session, timing } = run;
  run.current = step;
  context.signal.throwIfAborted();
  if (step.kind !== 'statement') throw new TypeError('only a statement runs outside transactions');
  const { is } = statementAt(action.migration, step);
  if (is.category === 'setting') {
    await runStep(run, step, false);
    return;
  }
  const { position } = step;
  const digest = await deps.dialectRun.digest(session, action, step);
  await run.announce({ cursor: position, inFlight: position, digest });
  const mayHaveRun = position === action.resume?.position;
  const inParts = takesEffectInParts(is);
  const work = (): Promise<void> =>
    run.watched(step, false, () =>
      cancellable(session, context.signal, onStop, () => {
        if (inParts) run.inDoubt = position;
        return deps.dialectRun.autocommit(session, {
          action,
          step,
          timing,
          mayHaveRun,
          onIndexRebuilt: (index) => context.emit({ type: 'index.rebuilt', tag: action.id, index }),
        });
      }),
    );
  // What a first try did before it met a lock would be done again by the second.
  if (inParts) await work();
  else await run.climb(work);
  run.inDoubt = null;
  run.cursor = position + 1;
  // Nothing but this record can tell later that it took effect.
  if (digest === null && !repeatsSafely(is)) await run.advance(run.cursor);
}

/** A lost lease lets a statement outside transactions finish: half an index helps nobody (locks.md 6). */
function onStop(reason: unknown): 'cancel' | 'finish' {
  return isMigratorError(reason) && reason.code === 'LOCK_LOST' ? 'finish' : 'cancel';
}
