import type { Session } from '../database/database.js';

/** Milliseconds that a statement may still take to finish after a stop was asked for, before it is cancelled. */
const FINISH_GRACE_MS = 1000;

/**
 * Runs something on a session so that an abort ends it: the statement may finish within the grace, then it is cancelled
 * from a second connection, because neither driver can cancel on the connection that is busy.
 *
 * @param onAbort asked with the signal's reason: cancel the statement, or let it finish
 * @throws the signal's reason, when the statement was cancelled
 */
export async function cancellable<T>(
  session: Session,
  signal: AbortSignal,
  onAbort: (reason: unknown) => 'cancel' | 'finish',
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let cancelled = false;
  const cancel = (): void => {
    if (onAbort(signal.reason) === 'finish') return;
    timer = setTimeout(() => {
      cancelled = true;
      // A cancel that does not get through leaves the statement to its own end; the fence still guards what it writes.
      session.cancel().catch(() => undefined);
    }, FINISH_GRACE_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await work();
  } catch (error) {
    if (cancelled) throw signal.reason;
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    clearTimeout(timer);
  }
}
