import { randomUUID } from 'node:crypto';
import { isMigratorError } from '../errors.js';
import { NO_FLEET } from '../fleet/fleet.js';
import { withMigrationLock } from '../lock/with-lock.js';
import { notRegistered } from '../operations/operation-errors.js';
import type { OperationState } from '../operations/operation.js';
import { planLeftPhases, type LeftPhase, type LeftRecord } from '../plan/left-phases.js';
import type { Emit } from '../run-events.js';
import { rewriteCommands } from '../report/rewrite-commands.js';
import { runnable, type DoneAction } from '../run/engine.js';
import { runPhase } from '../run/operation-phase.js';
import { operationFailure } from '../run/operation-failure.js';
import type { ActContext, ActionResult, Target } from '../run/target.js';
import { announced } from './announced.js';
import type { BackfillRun, BackfillRunOptions } from './backfills-contract.js';
import { emitterOf, signalOr, type MigratorEnvironment } from './environment.js';
import { lockOptionsOf } from './lock-options.js';
import { withActions } from './operation-actions.js';
import { operationDepsOf } from './operation-deps.js';
import { recordsToChange } from './operations.js';
import { assertRunner } from './runner-rights.js';

/** Carries out what `up` has left to a worker, under a lock of its own, so that `up` may run beside it. */
export async function runBackfills(
  environment: MigratorEnvironment,
  options: BackfillRunOptions = {},
): Promise<BackfillRun> {
  const { name } = options;
  const { operations, build } = environment.options;
  if (name !== undefined && !operations.has(name)) throw notRegistered(name, operations);
  const runId = randomUUID();
  const send = emitterOf(environment, runId);
  let finished = 0;
  const emit: Emit = (event) => {
    if (event.type === 'operation.finished') finished += 1;
    send(event);
  };
  return announced(
    { command: 'backfill run', unit: 'phase', build, emit, applied: () => finished },
    async (sinceMs) => {
      const { done, fence, waitedMs } = await runLeft(environment, options, runId, emit);
      return {
        outcome: done.length > 0 ? 'done' : 'nothing-to-do',
        phases: done.map(({ action, result }) => ({
          name: action.id,
          phase: action.phase,
          durationMs: result.durationMs,
        })),
        fence,
        waitedMs,
        durationMs: sinceMs(),
      };
    },
  );
}

async function runLeft(
  environment: MigratorEnvironment,
  options: BackfillRunOptions,
  runId: string,
  emit: Emit,
): Promise<Pick<BackfillRun, 'fence' | 'waitedMs'> & { done: readonly DoneAction<LeftPhase>[] }> {
  const { build, actor } = environment.options;
  const signal = signalOr(options.signal);
  const target = leftPhasesTarget(environment, options.name ?? null);
  const done: DoneAction<LeftPhase>[] = [];
  const locked = await withMigrationLock(
    lockOptionsOf(environment, {
      runId,
      app: 'nest-migrate backfill run',
      journal: null,
      emit,
      signal,
      waitMs: options.waitMs,
      check: (session) => assertRunner(environment, session),
    }),
    async (session) => (await target.observeIfCurrent({ session, signal })) !== null,
    async (lock) => {
      const context = {
        ...{ lock, emit, runner: runId, build, actor, reason: null },
        fleet: () => Promise.resolve(NO_FLEET),
        signal: AbortSignal.any([signal, lock.lost]),
      };
      const { session } = lock;
      // An `up` beside it may have left more meanwhile.
      do done.push(...(await runnable(target).run(context)).done);
      while ((await target.observeIfCurrent({ session, signal })) === null);
    },
  );
  return { done, fence: locked.ran ? locked.fence : null, waitedMs: Math.round(locked.waitedMs) };
}

/** The phases that are left to a worker, as a target of the engine. */
function leftPhasesTarget(
  environment: MigratorEnvironment,
  only: string | null,
): Target<readonly LeftRecord[], LeftPhase> {
  const { operations } = environment.options;
  const observe: Target<readonly LeftRecord[], LeftPhase>['observe'] = async ({ session }) =>
    (await recordsToChange(environment, session)).map(({ name, state, leftToWorker }) => ({
      name,
      state: state as OperationState,
      leftToWorker,
    }));
  const plan = (records: readonly LeftRecord[]) => ({
    ...planLeftPhases(records, operations, only),
    findings: [],
  });
  return {
    name: 'left-phases',
    unit: 'phase',
    asksFleet: () => false,
    observe,
    async observeIfCurrent(context) {
      const records = await observe(context);
      const { actions, refusals } = plan(records);
      return actions.length + refusals.length === 0 ? records : null;
    },
    plan,
    prepare: () => Promise.resolve(),
    act: (action, context) => carryOut(environment, action, context),
  };
}

async function carryOut(
  environment: MigratorEnvironment,
  { operation, phase }: LeftPhase,
  { lock, signal, emit, runner }: ActContext,
): Promise<ActionResult> {
  const deps = operationDepsOf(environment);
  const began = performance.now();
  // No statement of a file is carried out in these phases, and none that a recipe asks for.
  const work = { operation, phase, covered: [], tag: null, place: {}, leave: false };
  const run = { operation, phase, lock, runId: runner, signal, emit, deps };
  try {
    await withActions(environment, run, (actions) => runPhase(work, deps, actions));
  } catch (error) {
    if (signal.aborted && !isMigratorError(error)) throw signal.reason;
    const what = `The ${phase} of operation ${operation.name}`;
    throw forWorker(
      operationFailure(error, {
        work: what,
        failed: `${what} failed`,
        refused: 'a statement of it',
        place: { operation: operation.name },
        state: 'What was done stays; the next run of the worker goes on behind it.',
        again: `nest-migrate backfill run ${operation.name}`,
        statement: undefined,
        server: lock.session.server,
      }),
    );
  }
  return { durationMs: Math.round(performance.now() - began), lockWaitMs: 0 };
}

/** What to do about it is the same as in `up`, but another command goes on. */
function forWorker(error: unknown): unknown {
  if (!isMigratorError(error)) return error;
  return rewriteCommands(error, (command) =>
    command === 'nest-migrate up' ? 'nest-migrate backfill run' : command,
  );
}
