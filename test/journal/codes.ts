import { isMigratorError, type MigratorError } from '../../src/errors.js';

/** The error that `act` throws; fails when it throws none of ours. */
export function refusal(act: () => unknown): MigratorError {
  try {
    act();
  } catch (error) {
    if (isMigratorError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
