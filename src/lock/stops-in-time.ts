import type { Session } from '../database/database.js';

/**
 * Runs something that a stop must end, also when the server has fallen silent and will not even answer the cancellation: after the time
 * given the session is cut, and everything that waits on it with it. The server then rolls back by itself, and the next run decides from
 * what is on record.
 *
 * @param stopMs milliseconds from the stop until the session is cut
 * @throws the signal's reason, where the session had to be cut; whatever `work` throws
 */
export async function stopsInTime<T>(
  session: Session,
  signal: AbortSignal,
  stopMs: number,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let cut = false;
  const begin = (): void => {
    timer = setTimeout(() => {
      cut = true;
      void session.close();
    }, stopMs);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  try {
    return await work();
  } catch (error) {
    throw cut ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}
