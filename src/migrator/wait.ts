import { setTimeout as delay } from 'node:timers/promises';
import { MigratorError, isMigratorError } from '../errors.js';
import type { WaitResult } from '../migrator.js';
import { requiredPending } from '../plan/required-pending.js';
import { lookAtDatabase } from './look.js';
import { signalOr, withLookingSession, type MigratorEnvironment } from './environment.js';

/** Pause between looks in milliseconds, stretched or shortened by up to a fifth so that many waiters spread out. */
const LOOK_EVERY_MS = 1000;

/** What one look found: done, or why not yet. */
type Look =
  | { readonly kind: 'current' }
  | { readonly kind: 'pending'; readonly tags: readonly string[] }
  | { readonly kind: 'failed'; readonly error: MigratorError };

/**
 * Waits until everything this build requires is applied. Asks the database, takes no lock.
 *
 * @throws {MigratorError} at the deadline: `UNREACHABLE` when the database never answered, what `up` would refuse with exit 5
 *   or 7 if that is the cause, else `WAIT_TIMEOUT`; configuration errors at once
 */
export async function wait(
  environment: MigratorEnvironment,
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<WaitResult> {
  const began = performance.now();
  const timeoutMs = options.timeoutMs ?? 300_000;
  const signal = signalOr(options.signal);
  environment.journal();
  let last: Look = { kind: 'pending', tags: [] };
  let answered = false;
  for (;;) {
    signal.throwIfAborted();
    last = await lookOnce(environment, signal);
    const waitedMs = Math.round(performance.now() - began);
    if (last.kind === 'current') return { waitedMs };
    answered ||= last.kind === 'pending';
    if (last.kind === 'failed' && isFinal(last.error)) throw last.error;
    const left = timeoutMs - waitedMs;
    if (left <= 0) throw timedOut(last, answered, waitedMs);
    const pause = LOOK_EVERY_MS * (0.8 + 0.4 * Math.random());
    await delay(Math.min(left, pause), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function lookOnce(environment: MigratorEnvironment, signal: AbortSignal): Promise<Look> {
  try {
    return await withLookingSession(environment, signal, async (session): Promise<Look> => {
      const { observed, plan } = await lookAtDatabase(environment, session, {});
      const missing = requiredPending(observed);
      if (missing.length === 0 && observed.ledger.version !== null) return { kind: 'current' };
      const refusal = plan.refusals.find(({ exitCode }) => exitCode === 5 || exitCode === 7);
      if (refusal !== undefined) return { kind: 'failed', error: refusal };
      return { kind: 'pending', tags: missing };
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isMigratorError(error)) return { kind: 'failed', error };
    throw error;
  }
}

/** What waiting cannot mend: a wrong configuration or folder. A refused login may be a role that the release job has yet to make. */
function isFinal(error: MigratorError): boolean {
  return (
    error.exitCode === 4 ||
    (error.exitCode === 64 &&
      error.code !== 'CREDENTIALS' &&
      error.code !== 'DATABASE_MISSING' &&
      error.code !== 'MISSING_PRIVILEGE')
  );
}

function timedOut(last: Look, answered: boolean, waitedMs: number): MigratorError {
  if (
    last.kind === 'failed' &&
    (!answered || last.error.exitCode === 5 || last.error.exitCode === 7)
  )
    return last.error;
  const tags = last.kind === 'pending' ? last.tags : [];
  const listed = tags.slice(0, 5).join(', ') + (tags.length > 5 ? `, ${tags.length - 5} more` : '');
  return new MigratorError('WAIT_TIMEOUT', {
    message: `Waited ${waitedMs} ms, and this build still misses ${listed || 'its ledger'}.`,
    state: 'Nothing was changed.',
    remedy: 'Look at the release job: nest-migrate status. Then wait again.',
    details: { pending: tags.slice(0, 10) },
  });
}
