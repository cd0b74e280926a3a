import { isMigratorError, MigratorError } from '../errors.js';

/** Errors of Nest's injector: their messages name modules, classes and tokens, which is all one needs to repair the wiring. */
const NEST_WIRING = new Set([
  'CircularDependencyException',
  'InvalidClassException',
  'InvalidClassModuleException',
  'InvalidClassScopeException',
  'InvalidModuleException',
  'UndefinedDependencyException',
  'UndefinedForwardRefException',
  'UndefinedModuleException',
  'UnknownDependenciesException',
  'UnknownElementException',
  'UnknownExportException',
  'UnknownModuleException',
]);

/** What `ConfigService.getOrThrow` of @nestjs/config says: the commonest of all, and only the name of a variable. */
const MISSING_VARIABLE = /^Configuration key "[\w.:-]+" does not exist$/;

const STACK_FRAMES = 5;

/**
 * Any thrown value as a `MigratorError` that is safe to print. Ours pass through. Of others only the class, a code made of
 * word characters and the places in the code are kept: messages of drivers and ORMs hold URLs, SQL and rows.
 */
export function asMigratorError(error: unknown): MigratorError {
  if (isMigratorError(error)) return error;
  if (isWiring(error)) {
    return new MigratorError('CONFIGURATION', {
      message: error.message,
      state: 'Nothing was changed.',
      remedy: 'Repair the module named above, then run the same command again.',
      cause: error,
    });
  }
  const name = nameOf(error);
  const code = codeOf(error);
  return new MigratorError('INTERNAL', {
    message: `Unexpected ${name}${code === null ? '' : ` (${code})`}. Its message is left out here, because it may hold secrets.`,
    remedy:
      'Look at the places in the code that are listed; if they are not yours, please report them with the code and the version.',
    details: Object.fromEntries(framesOf(error).map((frame, index) => [`at ${index + 1}`, frame])),
    cause: error,
  });
}

function isWiring(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return NEST_WIRING.has(error.constructor.name) || MISSING_VARIABLE.test(error.message);
}

/** The class of a thrown value: word characters only, never a message. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `value of type ${typeof error}`;
  const { name } = error.constructor;
  return /^\w{1,64}$/.test(name) ? name : 'Error';
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  const { code } = error;
  if (typeof code === 'number') return String(code);
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : null;
}

/** The first lines of the stack that are places in code. The message is cut off first: it stands in the stack, and may have lines of its own. */
function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
  const at = error.message === '' ? 0 : error.stack.indexOf(error.message);
  // A message that was changed after the stack was taken cannot be told from it any more.
  if (at < 0) return [];
  return error.stack
    .slice(at + error.message.length)
    .split('\n')
    .filter((line) => /^\s+at .+:\d+:\d+\)?$/.test(line))
    .slice(0, STACK_FRAMES)
    .map((line) => line.trim().replace(/^at /, ''));
}
