import { randomUUID } from 'node:crypto';
import type { Session } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import { withMigrationLock } from '../lock/with-lock.js';
import type { HeldLock } from '../lock/lock.js';
import type { Operation, OperationState } from '../operations/operation.js';
import { phasesLeft, type RowPhase } from '../operations/operation-state.js';
import { rewriteCommands } from '../report/rewrite-commands.js';
import type { Emit } from '../run-events.js';
import { runPhase } from '../run/operation-phase.js';
import { phaseFailure } from '../run/phase-failure.js';
import type { BackfillRun, BackfillRunOptions } from './backfills-contract.js';
import { emitterOf, signalOr, type MigratorEnvironment } from './environment.js';
import { lockOptionsOf } from './lock-options.js';
import { withActions } from './operation-actions.js';
import { operationDepsOf } from './operation-deps.js';
import { notRegistered } from './operation-named.js';
import { recordsToChange } from './operations.js';

/** One phase that is left to a worker. */
interface LeftPhase {
  readonly operation: Operation;
  readonly phase: RowPhase;
}

/** Carries out what `up` has left to a worker, under a lock of its own, so that `up` may run beside it. */
export async function runBackfills(
  environment: MigratorEnvironment,
  options: BackfillRunOptions = {},
): Promise<BackfillRun> {
  const { name } = options;
  if (name !== undefined && !environment.options.operations.has(name))
    throw notRegistered(environment, name);
  const began = performance.now();
  const runId = randomUUID();
  const signal = signalOr(options.signal);
  const emit = emitterOf(environment, runId);
  const next = (session: Session, after?: string): Promise<LeftPhase | null> =>
    nextPhase(environment, session, name, after);
  const locked = await withMigrationLock<BackfillRun['phases']>(
    lockOptionsOf(environment, {
      runId,
      app: 'nest-migrate backfill run',
      journal: null,
      emit,
      signal,
      waitMs: options.waitMs,
      check: () => Promise.resolve(),
    }),
    async (session) => (await next(session)) === null,
    (lock) => untilNothingIsLeft(environment, { lock, runId, signal, emit }, next),
  );
  return {
    outcome: locked.ran && locked.value.length > 0 ? 'done' : 'nothing-to-do',
    phases: locked.ran ? locked.value : [],
    fence: locked.ran ? locked.fence : null,
    waitedMs: Math.round(locked.waitedMs),
    durationMs: Math.round(performance.now() - began),
  };
}

async function untilNothingIsLeft(
  environment: MigratorEnvironment,
  run: {
    readonly lock: HeldLock;
    readonly runId: string;
    readonly signal: AbortSignal;
    readonly emit: Emit;
  },
  next: (session: Session, after?: string) => Promise<LeftPhase | null>,
): Promise<BackfillRun['phases']> {
  const deps = operationDepsOf(environment);
  const done: BackfillRun['phases'][number][] = [];
  // Read anew each time: an `up` beside it may leave more.
  for (;;) {
    run.signal.throwIfAborted();
    const left = await next(run.lock.session, done.at(-1)?.name);
    if (left === null) return done;
    const { operation, phase } = left;
    const began = performance.now();
    // No statement of a file is carried out in these phases, and none that a recipe asks for.
    const work = { operation, phase, covered: [], tag: null, place: {}, leave: false };
    await withActions(environment, { ...run, operation, phase, deps }, (actions) =>
      runPhase(work, deps, actions),
    ).catch((error: unknown) => {
      if (run.signal.aborted && !isMigratorError(error)) throw run.signal.reason;
      const { server } = run.lock.session;
      throw forWorker(phaseFailure(error, { operation: operation.name, phase, server }));
    });
    done.push({ name: operation.name, phase, durationMs: Math.round(performance.now() - began) });
  }
}

/**
 * @param name the only operation that is asked for; undefined = any
 * @param after the one that was at work last, which is gone on with first
 * @throws {MigratorError} `UNKNOWN_OPERATION` for one that is left to a worker which does not have its definition
 */
async function nextPhase(
  environment: MigratorEnvironment,
  session: Session,
  name: string | undefined,
  after: string | undefined,
): Promise<LeftPhase | null> {
  const records = await recordsToChange(environment, session);
  const left = records.flatMap((record) => {
    const standing = {
      state: record.state as OperationState,
      leftToWorker: record.leftToWorker,
    };
    const [phase] = name === undefined || name === record.name ? phasesLeft(standing) : [];
    if (phase === undefined) return [];
    const operation = environment.options.operations.get(record.name);
    if (operation === undefined) throw notRegistered(environment, record.name);
    return [{ operation, phase }];
  });
  return left.find(({ operation }) => operation.name === after) ?? left[0] ?? null;
}

/** What to do about it is the same as in `up`, but another command goes on. */
function forWorker(error: unknown): unknown {
  if (!isMigratorError(error)) return error;
  return rewriteCommands(error, (command) =>
    command === 'nest-migrate up' ? 'nest-migrate backfill run' : command,
  );
}
