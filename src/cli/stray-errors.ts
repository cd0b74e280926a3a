import { asMigratorError } from '../report/unexpected.js';
import type { CliStreams } from './streams.js';

/**
 * Runs the work with a signal that an error nobody caught aborts. Node would print such an error raw, connection string included, and end the
 * process in the middle of the work.
 */
export async function withStrayErrors<Result>(
  streams: CliStreams,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stray = new AbortController();
  const onStray = (thrown: unknown): void => {
    const error = asMigratorError(thrown);
    streams.writeLine(`stray error: ${error.code}: ${error.message}`);
    stray.abort(error);
  };
  process.on('uncaughtException', onStray);
  try {
    return await work(stray.signal);
  } finally {
    process.off('uncaughtException', onStray);
  }
}
