import { MigratorError } from '../errors.js';

/**
 * Calls the user's `connection.password` function (IAM, Vault): once for every connection, since such passwords expire.
 * @throws {MigratorError} `CREDENTIALS` when it fails or returns no string
 */
export async function callPassword(password: () => unknown): Promise<string> {
  let given: unknown;
  try {
    given = await password();
  } catch (error) {
    throw new MigratorError('CREDENTIALS', {
      message: 'The function database.connection.password failed.',
      state: 'Nothing was changed.',
      remedy: 'Look at what it calls (IAM, Vault): it runs for every new connection.',
      cause: error,
    });
  }
  if (typeof given === 'string') return given;
  throw new MigratorError('CREDENTIALS', {
    message: `The function database.connection.password returned ${given === null ? 'null' : typeof given} instead of a string.`,
    state: 'Nothing was changed.',
    remedy: 'Return the password, or a promise of it.',
  });
}

/** Whether a setting is such a function. */
export function isPasswordFunction(value: unknown): value is () => unknown {
  return typeof value === 'function';
}
