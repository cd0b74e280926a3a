import { MigratorError } from '../errors.js';
import { nearest } from '../nearest.js';

/** What one option of a constructor may be. Answers the words for what is allowed, or null. */
export type OptionCheck = (value: unknown) => string | null;

/** A word that was misspelt, and what it may have meant. */
interface Misspelt {
  readonly given: string;
  readonly known: readonly string[];
}

/** As long as `migration_operations` keeps it, and what the directive can hold. */
const LONGEST_NAME = 200;
const NAME = /^[\w./-]+$/;

/** The error of an operation that cannot be what it is. The values given are not shown, but for misspelt names. */
export function refuseOperation(
  operation: string,
  option: string | null,
  allowed: string,
  misspelt?: Misspelt,
): MigratorError {
  const similar = misspelt === undefined ? null : nearest(misspelt.given, misspelt.known);
  const hint = similar === null ? '' : ` Did you mean ${similar}?`;
  const given =
    misspelt === undefined ? '' : ` ${JSON.stringify(misspelt.given.slice(0, 80))} is not.`;
  return new MigratorError('OPERATION_INVALID', {
    message: `Operation ${operation.slice(0, LONGEST_NAME)}: ${option === null ? 'it' : `option ${option}`} ${allowed}.${given}${hint}`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: 'Correct the definition of the operation.',
    details: { operation: operation.slice(0, LONGEST_NAME), ...(option !== null && { option }) },
  });
}

/**
 * Holds a constructor's name and options against what they may be.
 *
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function checkOptions(
  name: unknown,
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
  required: readonly string[],
): asserts options is Readonly<Record<string, unknown>> {
  if (typeof name !== 'string' || !NAME.test(name) || name.length > LONGEST_NAME)
    throw refuseOperation(
      typeof name === 'string' && NAME.test(name) ? name : '(unnamed)',
      null,
      `needs a name of at most ${LONGEST_NAME} letters, digits, _ . / and -, as in -- @operation <name> expand`,
    );
  if (!isRecord(options)) throw refuseOperation(name, null, 'needs an object with its options');
  const known = Object.keys(checks);
  for (const [key, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined)
      throw refuseOperation(name, null, `takes only ${known.join(', ')}`, { given: key, known });
    const words = value === undefined ? null : check(value);
    if (words !== null) throw refuseOperation(name, key, `must be ${words}`);
  }
  const missing = required.find((key) => options[key] === undefined);
  if (missing !== undefined) throw refuseOperation(name, missing, 'is missing');
}

/** Whether keys can be asked of it: an object, not null, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string with something in it. */
export const text: OptionCheck = (value) =>
  typeof value === 'string' && value.trim() !== '' ? null : 'a string that is not empty';

/** Judged where it is read. */
export const anyTable: OptionCheck = (value) =>
  typeof value === 'string' || isRecord(value) ? null : 'a Drizzle table or a name';

/** One of these words. */
export function wordOf(...words: readonly string[]): OptionCheck {
  return (value) =>
    typeof value === 'string' && words.includes(value)
      ? null
      : words.map((word) => `'${word}'`).join(' or ');
}

/** A whole number above zero. */
export const count: OptionCheck = (value) =>
  Number.isSafeInteger(value) && (value as number) > 0 ? null : 'a whole number above 0';

/** Names of columns, each once. */
export const names: OptionCheck = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => typeof item === 'string' && item !== '') &&
  new Set(value).size === value.length
    ? null
    : 'a list of columns, each once';

/** SQL by column. */
export const sqlByColumn: OptionCheck = (value) =>
  isRecord(value) &&
  Object.keys(value).length > 0 &&
  Object.values(value).every((sql) => typeof sql === 'string' && sql.trim() !== '')
    ? null
    : 'SQL by column, such as { email: "\'unknown\'" }';
