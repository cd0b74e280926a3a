import { answeringSession } from '../database/answering-session.js';
import { assertDirectSession } from './pooler.js';
import type { Database, Session } from '../database/database.js';
import { acquire } from './acquire.js';
import type { LockDialect } from './dialect.js';
import { drainPredecessor } from './drain.js';
import { checkFence, takeFence } from './fence.js';
import { Heartbeat, HEARTBEAT_EVERY_MS } from './heartbeat.js';
import { applicationName } from './holder.js';
import { lockDialect } from './lock-dialect.js';
import type {
  Coordinator,
  HeldLock,
  HolderInfo,
  Lease,
  LockHooks,
  LockLocation,
  LockOptions,
  Scope,
} from './lock.js';
import { stopsInTime } from './stops-in-time.js';

/** Milliseconds that saying goodbye may take; then the session is closed without it, and its lock ends with it. */
const GOODBYE_MS = 5000;
/** Milliseconds the server may take to answer one question before the run begins: more than any of them takes on a server that is merely slow. */
const ANSWER_MS = 60_000;
/** Milliseconds from a stop until the session is cut: less than the 30 s after which Kubernetes kills. */
const STOP_MS = 20_000;

/** What {@link withMigrationLock} needs to know. */
export interface MigrationLockOptions extends LockOptions, LockHooks {
  readonly database: Database;
  /** Where `migration_lock` is or will be made. */
  readonly location: LockLocation;
  readonly holder: HolderInfo;
  /** Taken before the session lock; null = none, or left out on the user's word. */
  readonly coordinator: Coordinator | null;
  /** Ends waiting at once; what the body does about it is the body's. */
  readonly signal: AbortSignal;
  /** The ledger's scope, from the session that was just opened. */
  scope(session: Session): Scope;
  /** Makes our own tables where they are missing. Runs under the session lock alone, before there is a fence. */
  bootstrap(session: Session): Promise<void>;
  /** Milliseconds between heartbeats. @default 5000 */
  readonly heartbeatEveryMs?: number;
  /** Milliseconds the server may take to answer one question before the body runs. @default 60000 */
  readonly answerMs?: number;
  /** Milliseconds from a stop until the session is cut. @default 20000 */
  readonly stopMs?: number;
}

/** How the bracket ended. */
export type LockedResult<T> =
  | { readonly ran: true; readonly value: T; readonly fence: string; readonly waitedMs: number }
  | { readonly ran: false; readonly reason: 'already-current'; readonly waitedMs: number };

/**
 * Runs `body` as the only runner of this scope: coordinator, session lock, bootstrap, predecessor drained, fence taken.
 * The session that holds the lock executes the work and is destroyed at the end.
 *
 * @param recheck whether nothing is left to do, read on that session outside any transaction; asked before every poll and under the lock
 * @throws {MigratorError} `LOCK_WAIT_TIMEOUT`, `COORDINATOR_UNREACHABLE`, `POOLER_DETECTED`, `PREDECESSOR_ALIVE`, whatever
 *   `connect`, `bootstrap` and `body` throw, and the signal's reason
 */
export async function withMigrationLock<T>(
  options: MigrationLockOptions,
  recheck: (session: Session) => Promise<boolean>,
  body: (held: HeldLock) => Promise<T>,
): Promise<LockedResult<T>> {
  const { database, holder, signal } = options;
  signal.throwIfAborted();
  const session = await database.connect({
    role: 'runner',
    applicationName: `nest-migrate:${holder.pid}:waiting`,
    signal,
  });
  const goodbye = new Goodbye(session);
  try {
    const run = (): Promise<LockedResult<T>> => runLocked(session, goodbye, options, recheck, body);
    // In one process nobody falls silent, and there is no connection to cut.
    if (session.server.flavour === 'pglite') return await run();
    return await stopsInTime(session, signal, options.stopMs ?? STOP_MS, run);
  } finally {
    await goodbye.say();
  }
}

async function runLocked<T>(
  session: Session,
  goodbye: Goodbye,
  options: MigrationLockOptions,
  recheck: (session: Session) => Promise<boolean>,
  body: (held: HeldLock) => Promise<T>,
): Promise<LockedResult<T>> {
  const { coordinator, database, holder, signal } = options;
  const scope = options.scope(session);
  const dialect = lockDialect(session.server, scope, options.location);
  const asking = dialect.sharesConnection
    ? session
    : answeringSession(session, database.label, options.answerMs ?? ANSWER_MS);
  await dialect.sessions.rename(asking, applicationName(holder, scope, 'waiting'));
  const coordinatorScope = `${database.label}/${scope}`;
  const context = { session: asking, dialect, options, hooks: options, signal };
  const acquired = await acquire({
    ...context,
    scope,
    holder,
    coordinator,
    coordinatorScope,
    recheck: () => recheck(asking),
  });
  const { waitedMs } = acquired;
  if (acquired.kind === 'already-current') {
    return { ran: false, reason: 'already-current', waitedMs };
  }
  goodbye.owns(acquired.lease, dialect);
  await assertDirectSession(asking, () => dialect.lock.owner(asking));
  await options.bootstrap(asking);
  // Read before the next number overwrites it.
  const previous = await dialect.fence.read(asking);
  const wasAlive = await drainPredecessor(previous, context);
  const fence = await takeFence(
    previous,
    holder,
    coordinator === null ? null : coordinatorScope,
    context,
  );
  goodbye.hasFence(holder.id, fence, options);
  if (wasAlive && (await recheck(asking))) {
    return { ran: false, reason: 'already-current', waitedMs };
  }
  await dialect.sessions.rename(asking, applicationName(holder, scope, { fence }));
  const held = heldLock({ scope, session, dialect, holder, fence, lease: acquired.lease });
  if (!dialect.sharesConnection) {
    goodbye.hasHeartbeat(
      new Heartbeat(
        database,
        dialect,
        holder.id,
        applicationName(holder, scope, 'heartbeat'),
        options.heartbeatEveryMs ?? HEARTBEAT_EVERY_MS,
      ),
    );
  }
  tell(() => options.onAcquired?.(held, waitedMs));
  return { ran: true, value: await body(held), fence, waitedMs };
}

function heldLock(parts: {
  readonly scope: Scope;
  readonly session: Session;
  readonly dialect: LockDialect;
  readonly holder: HolderInfo;
  readonly fence: string;
  readonly lease: Lease | null;
}): HeldLock {
  const { scope, session, dialect, holder, fence, lease } = parts;
  const lost = lease === null ? session.lost : AbortSignal.any([session.lost, lease.lost]);
  const fenceCheck = dialect.fence.check(fence);
  return {
    scope,
    session,
    holder: { ...holder, fence },
    fence,
    lost,
    assertHeld: () => {
      lost.throwIfAborted();
      lease?.assertHeld();
    },
    checkFence: (writer) => checkFence(writer, fenceCheck, scope, fence),
    fenceCheck,
  };
}

/** Gives back what was taken, in reverse, and never rejects: the body's outcome is the one to report. */
class Goodbye {
  #dialect: LockDialect | null = null;
  #lease: Lease | null = null;
  #fence: { readonly holderId: string; readonly number: string; readonly hooks: LockHooks } | null =
    null;
  #heartbeat: Heartbeat | null = null;

  constructor(private readonly session: Session) {}

  owns(lease: Lease | null, dialect: LockDialect): void {
    this.#lease = lease;
    this.#dialect = dialect;
  }

  hasFence(holderId: string, number: string, hooks: LockHooks): void {
    this.#fence = { holderId, number, hooks };
  }

  hasHeartbeat(heartbeat: Heartbeat): void {
    this.#heartbeat = heartbeat;
    heartbeat.start();
  }

  async say(): Promise<void> {
    const stopping = this.#heartbeat?.stop();
    const dialect = this.#dialect;
    if (dialect !== null) {
      if (dialect.sharesConnection) await this.#giveBack(dialect);
      else await withinMs(GOODBYE_MS, this.#giveBack(dialect));
    }
    await this.#lease?.release();
    await stopping;
    await this.session.close();
    const fence = this.#fence;
    if (fence !== null) tell(() => fence.hooks.onReleased?.(fence.number));
  }

  async #giveBack(dialect: LockDialect): Promise<void> {
    const { session } = this;
    const attempt = async (step: () => Promise<unknown>): Promise<void> => {
      // A lost session has given everything back already; an in-process lock is not bound to one.
      if (session.lost.aborted && !dialect.sharesConnection) return;
      try {
        await step();
      } catch {
        // The server ends the lock with the session, and the successor drains a holder that did not say goodbye.
      }
    };
    // A body that failed may have left its transaction open, in which nothing else could be written.
    await attempt(() => session.query('rollback'));
    const fence = this.#fence;
    if (fence !== null) {
      await attempt(() => dialect.fence.markReleased(session, fence.holderId, fence.number));
    }
    await attempt(() => dialect.lock.release(session));
  }
}

async function withinMs(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}

function tell(hook: () => void): void {
  try {
    hook();
  } catch {
    // A listener's mistake must not reach the run.
  }
}
