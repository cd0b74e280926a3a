import { rollback } from '../database/with-transaction.js';
import type { StatementStep, Unit } from '../plan/plan.js';
import { statementAt } from '../plan/steps.js';
import { cancellable } from './cancellation.js';
import { runStep } from './run-step.js';
import type { RunningMigration } from './running-migration.js';

/** At most this many statements, and this many characters of them, are sent without waiting for answers. */
const SENT_AT_ONCE = 32;
const SENT_AT_ONCE_LENGTH = 65_536;

/**
 * Runs the steps of a unit in one transaction with the record of it: the cursor, or, for the last unit, ledger row and attempt.
 *
 * @param last whether the migration is complete with it
 */
export async function runTransaction(
  run: RunningMigration,
  unit: Unit,
  last: boolean,
): Promise<void> {
  const { context, deps, session } = run;
  const small = deps.dialectRun.pipelined ? smallUnit(run, unit) : null;
  await run.climb(async () => {
    context.lock.assertHeld();
    try {
      await cancellable(
        session,
        context.signal,
        () => 'cancel',
        () => (small === null ? oneByOne(run, unit, last) : sentAtOnce(run, unit, small, last)),
      );
    } catch (error) {
      await rollback(session);
      throw error;
    }
  });
  run.cursor = positionAfter(run, unit);
}

async function oneByOne(run: RunningMigration, unit: Unit, last: boolean): Promise<void> {
  await begin(run, last);
  for (const step of unit.steps) await runStep(run, step, true);
  run.current = null;
  await record(run, unit, last);
  await run.session.query('commit');
}

/**
 * The whole unit in one round trip. The server works through it in order and refuses what comes behind a failure, COMMIT
 * included, so the outcome is that of {@link oneByOne}; events are told as the answers come in.
 */
async function sentAtOnce(
  run: RunningMigration,
  unit: Unit,
  steps: readonly StatementStep[],
  last: boolean,
): Promise<void> {
  const { action, session } = run;
  let answered: Promise<unknown> = begin(run, last);
  for (const step of steps) {
    const answer = session.execute(statementAt(action.migration, step).sql);
    // Its failure is met when its turn comes; until then it is nobody's.
    answer.catch(() => undefined);
    answered = answered.then(() => {
      run.current = step;
      return run.watched(step, true, () => answer);
    });
  }
  const recorded = record(run, unit, last);
  const committed = session.query('commit');
  await Promise.allSettled([answered, recorded, committed]);
  await answered;
  run.current = null;
  await recorded;
  await committed;
}

/** The steps of a unit that may be on its way as a whole, else null: code wants answers, and what is large would wait in this process's memory. */
function smallUnit({ action }: RunningMigration, unit: Unit): readonly StatementStep[] | null {
  if (unit.steps.length > SENT_AT_ONCE) return null;
  const steps: StatementStep[] = [];
  let length = 0;
  for (const step of unit.steps) {
    if (step.kind !== 'statement') return null;
    const { sql, is } = statementAt(action.migration, step);
    // ROLLBACK TO would bring a failed transaction back to life, and the COMMIT behind it would go through.
    if (is.control !== null) return null;
    length += sql.length;
    steps.push(step);
  }
  return length <= SENT_AT_ONCE_LENGTH ? steps : null;
}

/** Only the last commit of the whole run waits for the disk. */
function begin({ context, deps, session, timing }: RunningMigration, last: boolean): Promise<void> {
  return deps.dialectRun.begin(session, timing, last && context.last);
}

function record(run: RunningMigration, unit: Unit, last: boolean): Promise<void> {
  return last
    ? run.deps.recorder.complete(run.action, run.attemptId)
    : run.advance(positionAfter(run, unit));
}

function positionAfter(run: RunningMigration, unit: Unit): number {
  return (unit.steps.at(-1)?.position ?? run.cursor - 1) + 1;
}
