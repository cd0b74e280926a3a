import { isMigratorError, MigratorError } from '../../errors.js';

const NOTHING = 'Nothing was connected to and nothing was changed.';

/** Something in a configuration file is not as it must be. Names fields and types, never values. */
export function configError(file: string, message: string, remedy?: string): MigratorError {
  return new MigratorError('CONFIGURATION', {
    message,
    place: { file },
    state: NOTHING,
    remedy: remedy ?? `Correct ${file}. docs/cli.md shows every form that is understood.`,
  });
}

/** A configuration file that failed while it was loaded. */
export function configLoadError(file: string, error: unknown): MigratorError {
  return loadError(
    file,
    error,
    'or do without the file: --url env:DATABASE_URL --migrations <folder>.',
  );
}

/** The file after `--module` that failed while it was loaded. */
export function moduleLoadError(file: string, error: unknown): MigratorError {
  return loadError(file, error, 'or repair what it imports.');
}

/** Only the class of the error, the place and the name of a missing module are kept: its message may repeat a URL or a line of the file. */
function loadError(file: string, error: unknown, otherwise: string): MigratorError {
  // One of ours holds no secrets, and says what is wrong with what the file makes.
  if (isMigratorError(error)) return error.restated({ place: { file, ...error.place } });
  const missing = missingModule(error);
  const line = lineIn(file, error);
  return new MigratorError('CONFIGURATION', {
    message:
      missing === null
        ? `${file} could not be loaded: it ended with ${nameOf(error)}. The message is left out here, because it may hold secrets.`
        : `${file} could not be loaded: it imports ${missing}, which was not found.`,
    place: { file, ...(line !== null && { line }) },
    state: NOTHING,
    remedy:
      missing === null
        ? `Run the file by itself to see the message, ${otherwise}`
        : `Install ${missing}, ${otherwise}`,
    cause: error,
  });
}

/** The name in `Cannot find module 'x'`: a module's name, or a path that the file itself gave. */
export function missingModule(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_MODULE_NOT_FOUND') return null;
  return /^Cannot find (?:module|package) '([\w@./~ -]{1,200})'/.exec(error.message)?.[1] ?? null;
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const { name } = error.constructor;
  return /^\w{1,64}$/.test(name) ? `an ${name}`.replace(/^an (?![AEIOU])/, 'a ') : 'an Error';
}

/** The first `file:line:column` of the stack that is in the file itself; jiti puts the place of a syntax error there too. */
function lineIn(file: string, error: unknown): number | null {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return null;
  const at = error.stack.indexOf(`${file}:`);
  const digits = at < 0 ? null : /^\d+/.exec(error.stack.slice(at + file.length + 1));
  return digits === null ? null : Number(digits[0]);
}
