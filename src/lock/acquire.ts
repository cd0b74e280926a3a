import type { Session } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import { abortable, pause } from './abortable.js';
import type { LockDialect } from './dialect.js';
import { holderOf } from './holder.js';
import { lockWaitTimeout } from './lock-errors.js';
import type { Coordinator, HolderInfo, Lease, LockHooks, LockOptions, Scope } from './lock.js';
import { pollDelay } from './poll.js';

/** A waiting runner says whom it waits for at most this often. */
const REPORT_EVERY_MS = 10_000;

/** What {@link acquire} works with. */
export interface AcquireContext {
  readonly session: Session;
  readonly scope: Scope;
  readonly dialect: LockDialect;
  readonly holder: HolderInfo;
  readonly coordinator: Coordinator | null;
  readonly coordinatorScope: string;
  readonly options: Pick<LockOptions, 'waitMs' | 'pollMinMs' | 'pollMaxMs'>;
  readonly hooks: LockHooks;
  readonly signal: AbortSignal;
  /** Whether nothing is left to do: read before every poll and again under the lock. */
  readonly recheck: () => Promise<boolean>;
}

/** How waiting ended. */
export type Acquired =
  | { readonly kind: 'acquired'; readonly lease: Lease | null; readonly waitedMs: number }
  | { readonly kind: 'already-current'; readonly waitedMs: number };

/**
 * Polls until coordinator and session lock are both ours, or nothing is left to do.
 * No transaction is open on the session while it waits (locks.md 8).
 * @throws {MigratorError} `LOCK_WAIT_TIMEOUT`; `COORDINATOR_UNREACHABLE` when it was so for the whole wait
 */
export async function acquire(context: AcquireContext): Promise<Acquired> {
  const { dialect, options, session, signal } = context;
  const startedAt = performance.now();
  const waited = (): number => performance.now() - startedAt;
  // A coordinator that answered once is not "unreachable for the whole wait".
  let unreachable: unknown;
  let answered = false;
  let reportedAt = -Infinity;

  for (let attempt = 1; ; attempt++) {
    // On a shared connection the read would wait for the holder, out of reach of the signal.
    if (!dialect.sharesConnection && (await abortable(context.recheck(), signal))) {
      return { kind: 'already-current', waitedMs: waited() };
    }
    const tried = await tryBoth(context);
    if (tried.kind === 'acquired') {
      if (!(await underLock(context, tried.lease))) {
        return { kind: 'acquired', lease: tried.lease, waitedMs: waited() };
      }
      return { kind: 'already-current', waitedMs: waited() };
    }
    if (tried.kind === 'unreachable') unreachable = tried.error;
    else answered = true;

    const waitedMs = waited();
    const left = options.waitMs - waitedMs;
    if (left <= 0) {
      if (!answered) throw unreachable;
      const { holder, owner } = await whoHasIt(context);
      throw lockWaitTimeout(context.scope, holder, owner, waitedMs);
    }
    if (performance.now() - reportedAt >= REPORT_EVERY_MS) {
      reportedAt = performance.now();
      const { holder } = await whoHasIt(context);
      report(context.hooks, holder, waitedMs);
    }
    session.lost.throwIfAborted();
    await pause(Math.min(left, pollDelay(attempt, options, Math.random())), signal);
  }
}

type Tried =
  | { readonly kind: 'acquired'; readonly lease: Lease | null }
  | { readonly kind: 'held' }
  | { readonly kind: 'unreachable'; readonly error: unknown };

/** Coordinator first, session lock second; a miss of the second gives back the first. */
async function tryBoth(context: AcquireContext): Promise<Tried> {
  const { coordinator, dialect, holder, session, signal } = context;
  let lease: Lease | null = null;
  if (coordinator !== null) {
    try {
      const trying = coordinator.tryAcquire(context.coordinatorScope, holder, signal);
      // A lease that comes after we left would hold up everybody until it expires.
      void trying.then(
        (late) => (signal.aborted ? late?.release() : undefined),
        () => undefined,
      );
      lease = await abortable(trying, signal);
    } catch (error) {
      if (isMigratorError(error) && error.code === 'COORDINATOR_UNREACHABLE') {
        return { kind: 'unreachable', error };
      }
      throw error;
    }
    if (lease === null) return { kind: 'held' };
  }
  try {
    if (await abortable(dialect.lock.tryAcquire(session), signal)) {
      return { kind: 'acquired', lease };
    }
  } catch (error) {
    await lease?.release();
    throw error;
  }
  await lease?.release();
  return { kind: 'held' };
}

/** Whether the ledger became current just before the lock was ours; then both locks are given back. */
async function underLock(context: AcquireContext, lease: Lease | null): Promise<boolean> {
  const giveBack = async (): Promise<void> => {
    await context.dialect.lock.release(context.session);
    await lease?.release();
  };
  let current: boolean;
  try {
    current = await abortable(context.recheck(), context.signal);
  } catch (error) {
    await lease?.release();
    // The session dies with the bracket, and its lock with it; in one process nothing dies.
    if (context.dialect.sharesConnection) await context.dialect.lock.release(context.session);
    throw error;
  }
  if (current) await giveBack();
  return current;
}

/** The holder by its row, if the session that has the lock is the one in the row; a row of a dead predecessor names nobody. */
async function whoHasIt(context: AcquireContext): Promise<{
  readonly holder: HolderInfo | null;
  readonly owner: Awaited<ReturnType<LockDialect['lock']['owner']>>;
}> {
  const { dialect, session, signal } = context;
  const owner = await abortable(dialect.lock.owner(session), signal);
  if (dialect.sharesConnection) return { holder: null, owner };
  const row = await abortable(dialect.fence.read(session), signal);
  if (row === null || row.released) return { holder: null, owner };
  // Held by a coordinator alone, nobody owns the session lock: the last unreleased holder is the best guess.
  const matches = owner === null || row.session === null || row.session.id === owner.pid;
  return { holder: matches ? holderOf(row) : null, owner };
}

function report(hooks: LockHooks, holder: HolderInfo | null, waitedMs: number): void {
  try {
    hooks.onWait?.(holder, waitedMs);
  } catch {
    // A listener's mistake must not cost the run its place.
  }
}
