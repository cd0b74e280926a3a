import { isMigratorError, type MigratorError } from '../../src/errors.js';

/** The error of ours that a promise is rejected with; anything else is thrown on. */
export async function refusalOf(promise: Promise<unknown>): Promise<MigratorError> {
  const outcome: unknown = await promise.then(
    () => new Error('not refused'),
    (error: unknown) => error,
  );
  if (isMigratorError(outcome)) return outcome;
  throw outcome;
}
