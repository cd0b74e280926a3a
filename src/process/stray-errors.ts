import { asMigratorError } from '../report/unexpected.js';

/**
 * Runs the work with a signal that an error nobody caught aborts. Node would print such an error raw, connection string included, and end the
 * process in the middle of the work, with the lock still held.
 *
 * @param writeLine where the error is told, redacted
 */
export async function withStrayErrors<Result>(
  writeLine: (line: string) => void,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stray = new AbortController();
  const onStray = (thrown: unknown): void => {
    const error = asMigratorError(thrown);
    writeLine(`stray error: ${error.code}: ${error.message}`);
    stray.abort(error);
  };
  process.on('uncaughtException', onStray);
  try {
    return await work(stray.signal);
  } finally {
    process.off('uncaughtException', onStray);
  }
}
