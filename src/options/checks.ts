/**
 * What one option may be. Answers the words for what is allowed when the value is not that, and null when it is.
 * Never sees its own name: {@link OptionChecks} gives it one.
 */
export type Check = (value: unknown) => string | null;

/** A check for every key of an options type: adding an option without a check does not compile. */
export type OptionChecks<Options> = { readonly [Key in keyof Required<Options>]: Check };

/** Passes what `allowed` passes, else answers the words. */
export function check(words: string, allowed: (value: unknown) => boolean): Check {
  return (value) => (allowed(value) ? null : words);
}

/** A string with something in it. */
export const text = check(
  'a non-empty string',
  (value) => typeof value === 'string' && value.trim() !== '',
);

/** PostgreSQL keeps 63 bytes of an identifier, MySQL 64 characters: the smaller of the two, so that names mean the same on both. */
export const identifier = check(
  'a name of 1 to 63 bytes without NUL',
  (value) =>
    typeof value === 'string' &&
    value !== '' &&
    Buffer.byteLength(value) <= 63 &&
    !value.includes('\0'),
);

/** A time in milliseconds, of which 0 means something: at once, or not at all. */
export const milliseconds = check(
  'a whole number of milliseconds, 0 or more',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);

/** A time in milliseconds that must pass. */
export const positiveMilliseconds = check(
  'a whole number of milliseconds, 1 or more',
  (value) => Number.isSafeInteger(value) && (value as number) >= 1,
);

/** Not what is merely truthy: `'false'` from an environment variable is. */
export const boolean = check('true or false', (value) => typeof value === 'boolean');

/** What only its user can judge, such as a driver's client. */
export const anything: Check = () => null;

/** An object that is no list; its keys are somebody else's, such as a driver's settings. */
export const plainObject = check('an object', isRecord);

/** One of these words. */
export function oneOf(...words: readonly string[]): Check {
  return check(
    words.map((word) => `'${word}'`).join(' or '),
    (value) => typeof value === 'string' && words.includes(value),
  );
}

/** A list of which every item passes. @param words what the items are, in the plural */
export function listOf(words: string, item: (value: unknown) => boolean): Check {
  return check(`a list of ${words}`, (value) => Array.isArray(value) && value.every(item));
}

/** Whether keys can be asked of it: an object, not null, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an object has these methods, its own or of its class: what a contract of ours comes down to at run time. */
export function hasFunctions(value: unknown, ...names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  );
}

/** What was given, as a type: a value may be a secret. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value === '') return 'an empty string';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'not a finite number';
  if (typeof value === 'number' && value < 0) return 'a negative number';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a fraction';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
