import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectOptions } from './database.js';
import { connectError, connectTimeout, isTransientConnectError } from './connect-error.js';
import type { ConnectContext } from './connect-error.js';

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1000;
const CONNECT_TIMEOUT_MS = { runner: 10_000, reader: 800 } as const;

/**
 * Opens a connection within the time given, trying again while the server is only busy (runners; readers come back by themselves).
 * @param attempt opens once; it must stop and release its socket when its signal is aborted
 * @throws {MigratorError} what {@link connectError} makes of the last refusal; the signal's reason when the caller gave up
 */
export async function connectWithRetry<T>(
  context: ConnectContext,
  options: ConnectOptions,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  options.signal?.throwIfAborted();
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS[options.role];
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const signal =
    options.signal === undefined
      ? timeout.signal
      : AbortSignal.any([options.signal, timeout.signal]);
  let refusal: unknown;
  try {
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt(signal);
      } catch (error) {
        if (signal.aborted) throw error;
        refusal = error;
        if (options.role === 'reader' || !isTransientConnectError(error)) throw error;
      }
      // Full jitter: many runners that a server turned away at once must not come back at once.
      const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** tries);
      await pause(Math.random() * ceiling, undefined, { signal });
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!timeout.signal.aborted) throw connectError(error, context);
    throw refusal === undefined
      ? connectTimeout(context, timeoutMs)
      : connectError(refusal, context);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs `task`; when the signal is aborted first, `release` is called and the signal's reason thrown, whatever becomes of the task. */
export async function untilAborted<T>(
  signal: AbortSignal,
  task: Promise<T>,
  release: () => void,
): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      release();
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([task, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
