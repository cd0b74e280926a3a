import { isMigratorError, type MigratorError } from '../errors.js';
import { NO_FLEET } from '../fleet/fleet.js';
import type { Deferred } from '../plan/gate-actions.js';
import type { Action } from '../plan/plan.js';
import { isOfABegunRun } from '../plan/refusals.js';
import type { Finding } from '../run-events.js';
import type { ActionResult, RunContext, Target, TargetPlan } from './target.js';

/** Times that a run plans anew because the fleet objected to what it had just consented to: more is a probe that cannot make up its mind. */
const MOST_OBJECTIONS = 3;

/** A target without what it observes, so that different targets stand in one list. */
export interface RunnableTarget<A extends Action = Action> {
  readonly name: string;
  run(context: RunContext): Promise<TargetReport<A>>;
}

/** One action carried out. */
export interface DoneAction<A extends Action = Action> {
  readonly action: A;
  readonly result: ActionResult;
}

/** What came of a target's run. */
export interface TargetReport<A extends Action = Action> {
  readonly done: readonly DoneAction<A>[];
  readonly deferred: readonly Deferred[];
  readonly findings: readonly Finding[];
}

/**
 * The one loop that executes things: observe under the lock, plan, then each action under fence and signal. Where the fleet objects to an action that was
 * about to begin, it looks and plans anew.
 *
 * @throws {MigratorError} the plan's first refusal, before anything is touched; whatever an action throws
 */
export function runnable<Observed, A extends Action>(
  target: Target<Observed, A>,
): RunnableTarget<A> {
  const planNow = async (context: RunContext): Promise<TargetPlan<A>> => {
    const observed = await target.observe({
      session: context.lock.session,
      signal: context.signal,
    });
    const fleet = target.asksFleet(observed) ? await context.fleet() : NO_FLEET;
    const plan = target.plan(observed, fleet);
    // What a dead predecessor left is no longer running, also when only a repair can say how it ended.
    if (plan.refusals.some(isOfABegunRun)) {
      await target.prepare(observed, context);
    }
    assertAllowed(plan.refusals);
    const { actions, deferred = [] } = plan;
    context.emit({
      type: 'run.planned',
      unit: target.unit,
      actions: actions.length,
      deferred: deferred.length,
    });
    for (const finding of plan.findings) context.emit({ type: 'run.warning', finding });
    await target.prepare(observed, context);
    return plan;
  };
  return {
    name: target.name,
    async run(context) {
      const done: DoneAction<A>[] = [];
      for (let objections = 0; ; objections += 1) {
        const { actions, deferred = [], findings } = await planNow(context);
        const objected = await carryOut(
          target,
          actions,
          context,
          done,
          objections < MOST_OBJECTIONS,
        );
        if (!objected) return { done, deferred, findings };
      }
    },
  };
}

/** @returns whether the fleet objected to one of them, which then was not begun */
async function carryOut<Observed, A extends Action>(
  target: Target<Observed, A>,
  actions: readonly A[],
  context: RunContext,
  done: DoneAction<A>[],
  mayObject: boolean,
): Promise<boolean> {
  for (const action of actions) {
    context.signal.throwIfAborted();
    context.lock.assertHeld();
    const last = action === actions.at(-1);
    try {
      done.push({ action, result: await target.act(action, { ...context, last }) });
    } catch (error) {
      if (mayObject && isMigratorError(error) && error.code === 'FLEET_OBJECTED') return true;
      throw error;
    }
  }
  return false;
}

/** @throws {MigratorError} the first refusal */
export function assertAllowed(refusals: readonly MigratorError[]): void {
  const [first] = refusals;
  if (first !== undefined) throw first;
}
