import { MigratorError } from '../errors.js';
import { nearest } from '../nearest.js';
import { isRecord, typeOf, type OptionChecks } from './checks.js';

const PAGE = 'docs/configuration.md lists every option with its type and default.';

/** An option that cannot be what it is: which, what was given (as a type), what is allowed. */
export function optionError(option: string, given: string, allowed: string): MigratorError {
  return new MigratorError('CONFIGURATION', {
    message: `Option ${option}: ${given} was given, allowed is ${allowed}.`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: `Correct the option ${option}. ${PAGE}`,
    details: { option, given, allowed },
  });
}

/**
 * Holds an options object against its checks. A key that is `undefined` counts as not given; a key that no check knows is refused, because a
 * misspelt `migrationsTable` would otherwise mean another ledger.
 *
 * @throws {MigratorError} `CONFIGURATION`
 */
export function assertOptions<Options>(
  path: string,
  value: unknown,
  checks: OptionChecks<Options>,
): void {
  if (!isRecord(value)) throw optionError(path || 'options', typeOf(value), 'an object');
  const known = Object.keys(checks);
  for (const [key, given] of Object.entries(value)) {
    if (given === undefined) continue;
    const option = path === '' ? key : `${path}.${key}`;
    if (!known.includes(key)) {
      const similar = nearest(key, known);
      throw optionError(
        option,
        'an unknown name',
        similar === null ? `one of ${known.join(', ')}` : `${similar} (did you mean that?)`,
      );
    }
    const words = checks[key as keyof Options](given);
    if (words !== null) throw optionError(option, typeOf(given), words);
  }
}
