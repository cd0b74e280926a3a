import { isMigratorError, type ErrorPlace } from '../errors.js';
import { coveredBy } from '../operations/covered-by.js';
import type { OperationStep } from '../plan/plan.js';
import { statementsOf } from '../plan/steps.js';
import { isRowPhase } from '../operations/operation-state.js';
import { placeOf, stateAfterFailure } from './failure.js';
import { runPhase } from './operation-phase.js';
import type { RunningMigration } from './running-migration.js';

/**
 * Carries out the phase that a line of the migration calls. Its own actions are on record; the migration's cursor moves behind it
 * when it is through, and a resume runs it again from its beginning, where the catalogue shows what is done.
 */
export async function runOperation(run: RunningMigration, step: OperationStep): Promise<void> {
  const { action, context, deps, session, timing } = run;
  run.current = step;
  await run.announce({ cursor: step.position, inFlight: null, digest: null });
  const { operations } = deps;
  const operation = operations.registered.get(step.name);
  if (operation === undefined) throw new RangeError(`no operation ${step.name}`);
  const place = placeOf(action.migration, step);
  const covered = coveredBy(
    operation,
    step.phase,
    statementsOf(action.migration, [step]),
    session.server.dialect,
    place,
  );
  const specHash = operations.specHash(operation);
  const { phase } = step;
  const leave = deps.backfills === 'worker';
  const work = {
    ...{ operation, phase, covered, tag: action.id, place, leave },
    // From here on older builds may miss something, whatever becomes of this run; and who goes on need not ask again whether it may.
    onBegun: async (): Promise<void> => {
      if (phase !== 'contract') return;
      run.halfContracted = step.position;
      await run.announce({ cursor: step.position, inFlight: step.position, digest: null });
    },
  };
  const through = (): Promise<void> =>
    runPhase(work, operations, {
      context,
      dialectRun: deps.dialectRun,
      watch: deps.watch,
      timing,
      lockLadderMs: deps.lockLadderMs,
      readFacts: () => operations.readFacts(session, operation),
      record: (name, statements) =>
        deps.recorder.action({ name: `${operation.name}/${phase}/${name}`, specHash, statements }),
    });
  // A worker of an earlier run may be at these very rows; what it has done meanwhile is read behind the lock.
  if (isRowPhase(phase) && !leave) {
    await operations.aloneWithRows(context, through).catch((error: unknown) => {
      throw whileWaiting(
        error,
        place,
        stateAfterFailure(action, { cursor: run.cursor, inDoubt: false }),
      );
    });
  } else await through();
  run.cursor = step.position + 1;
  run.halfContracted = null;
  await run.advance(run.cursor);
}

/** Who waits for a worker in the middle of a migration has done something by then: what the lock says of a run that has just begun is not true. */
function whileWaiting(error: unknown, place: ErrorPlace, state: string): unknown {
  if (!isMigratorError(error) || !WAITING.has(error.code)) return error;
  return error.restated({ place, state });
}

const WAITING: ReadonlySet<string> = new Set(['LOCK_WAIT_TIMEOUT', 'PREDECESSOR_ALIVE']);
