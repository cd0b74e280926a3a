import { isMigratorError, type MigratorError } from '../errors.js';
import { migrationFailure } from './failure.js';
import type { RunningMigration } from './running-migration.js';
import { wayOf } from './way-of.js';

/**
 * Puts a migration's failure, or its interruption by a stop, on record and among the events.
 *
 * @returns what to throw for it
 */
export async function recordFailure(run: RunningMigration, error: unknown): Promise<MigratorError> {
  const durationMs = run.elapsedMs();
  const { action, context, current, cursor, deps, inDoubt } = run;
  const failure = migrationFailure(error, action, {
    step: current,
    cursor,
    inDoubt: inDoubt !== null,
    server: run.session.server,
  });
  const stopped = isMigratorError(error) && context.signal.aborted;
  if (!run.session.lost.aborted) {
    // The record is a courtesy: without it the successor finds `running` under an older fence, or nothing to undo.
    await deps.recorder
      .fail(action, run.attemptId, {
        state: stopped ? 'interrupted' : 'failed',
        cursor,
        inFlight: inDoubt ?? run.halfContracted,
        code: failure.code,
        durationMs,
      })
      .catch(() => undefined);
  }
  if (stopped) {
    context.emit({ type: 'migration.interrupted', tag: action.id, cursor, ...wayOf(action) });
  } else {
    context.emit({
      type: 'migration.failed',
      tag: action.id,
      code: failure.code,
      ...(failure.driver !== undefined && { driver: failure.driver }),
      ...(current?.kind === 'statement' && { statement: current.index + 1 }),
      durationMs,
      ...wayOf(action),
    });
  }
  return failure;
}
