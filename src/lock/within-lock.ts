import type { Database } from '../database/database.js';
import { acquire } from './acquire.js';
import type { LockDialect } from './dialect.js';
import { drainPredecessor } from './drain.js';
import { takeFence } from './fence.js';
import { Heartbeat, HEARTBEAT_EVERY_MS } from './heartbeat.js';
import { applicationName } from './holder.js';
import { lockDialect } from './lock-dialect.js';
import type { HeldLock, LockHooks, LockLocation, LockOptions, Scope } from './lock.js';

/** What {@link withinLock} needs to know. */
export interface WithinLockOptions extends LockOptions, LockHooks {
  readonly database: Database;
  /** Where `migration_lock` is. */
  readonly location: LockLocation;
  /** What is taken beside the lock that is held. */
  readonly scope: Scope;
  /** Ends waiting at once; what the body does about it is the body's. */
  readonly signal: AbortSignal;
}

/**
 * Runs `body` as the only one of a second scope as well, on the session that holds the first: both locks share its fate. Taking the fence waits for
 * what workers of a dead holder have still open, and cuts it off. What the body writes is checked by the first lock's fence.
 *
 * @throws {MigratorError} `LOCK_WAIT_TIMEOUT`, `PREDECESSOR_ALIVE`, whatever `body` throws, and the signal's reason
 */
export async function withinLock<T>(
  held: HeldLock,
  options: WithinLockOptions,
  body: () => Promise<T>,
): Promise<T> {
  const { session, holder } = held;
  const { scope, signal } = options;
  const dialect = lockDialect(session.server, scope, options.location);
  const context = { session, dialect, options, hooks: options, signal };
  await acquire({
    ...context,
    scope,
    holder,
    coordinator: null,
    coordinatorScope: scope,
    recheck: () => Promise.resolve(false),
  });
  let fence: string | null = null;
  let heartbeat: Heartbeat | null = null;
  try {
    const previous = await dialect.fence.read(session);
    await drainPredecessor(previous, context);
    fence = await takeFence(previous, holder, null, context);
    heartbeat = dialect.sharesConnection ? null : heartbeatOf(held, dialect, options);
    heartbeat?.start();
    return await body();
  } finally {
    await heartbeat?.stop();
    await giveBack(held, dialect, fence);
  }
}

function heartbeatOf(
  { holder }: HeldLock,
  dialect: LockDialect,
  { database, scope }: WithinLockOptions,
): Heartbeat {
  const name = applicationName(holder, scope, 'heartbeat');
  return new Heartbeat(database, dialect, holder.id, name, HEARTBEAT_EVERY_MS);
}

/** Never rejects: the body's outcome is the one to report, and the lock ends with the session at the latest. */
async function giveBack(
  { session, holder }: HeldLock,
  dialect: LockDialect,
  fence: string | null,
): Promise<void> {
  if (session.lost.aborted && !dialect.sharesConnection) return;
  // A body that failed may have left its transaction open. Each by itself: who cannot put it on record lets go all the same.
  if (fence !== null)
    await dialect.fence.markReleased(session, holder.id, fence).catch(() => undefined);
  await dialect.lock.release(session).catch(() => undefined);
}
