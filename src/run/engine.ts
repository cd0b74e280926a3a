import type { MigratorError } from '../errors.js';
import type { Action, FleetView } from '../plan/plan.js';
import type { Finding } from '../run-events.js';
import type { ActionResult, RunContext, Target } from './target.js';

/** A target without what it observes, so that different targets stand in one list. */
export interface RunnableTarget<A extends Action = Action> {
  readonly name: string;
  run(context: RunContext, fleet: FleetView): Promise<TargetReport<A>>;
}

/** One action carried out. */
export interface DoneAction<A extends Action = Action> {
  readonly action: A;
  readonly result: ActionResult;
}

/** What came of a target's run. */
export interface TargetReport<A extends Action = Action> {
  readonly done: readonly DoneAction<A>[];
  readonly findings: readonly Finding[];
}

/**
 * The one loop that executes things: observe under the lock, plan, then each action under fence and signal.
 *
 * @throws {MigratorError} the plan's first refusal, before anything is touched; whatever an action throws
 */
export function runnable<Observed, A extends Action>(
  target: Target<Observed, A>,
): RunnableTarget<A> {
  return {
    name: target.name,
    async run(context, fleet) {
      const observed = await target.observe({
        session: context.lock.session,
        signal: context.signal,
      });
      const plan = target.plan(observed, fleet);
      // What a dead predecessor left is no longer running, also when only a repair can say how it ended.
      if (plan.refusals.some(({ code }) => code === 'ATTEMPT_INTERRUPTED')) {
        await target.prepare(observed, context);
      }
      assertAllowed(plan.refusals);
      const { unit } = target;
      context.emit({ type: 'run.planned', unit, actions: plan.actions.length, deferred: 0 });
      for (const finding of plan.findings) context.emit({ type: 'run.warning', finding });
      await target.prepare(observed, context);
      const done: DoneAction<A>[] = [];
      for (const action of plan.actions) {
        context.signal.throwIfAborted();
        context.lock.assertHeld();
        const last = action === plan.actions.at(-1);
        done.push({ action, result: await target.act(action, { ...context, last }) });
      }
      return { done, findings: plan.findings };
    },
  };
}

/** @throws {MigratorError} the first refusal */
export function assertAllowed(refusals: readonly MigratorError[]): void {
  const [first] = refusals;
  if (first !== undefined) throw first;
}
