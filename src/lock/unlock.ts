import { StatementError, type Session } from '../database/database.js';
import { isMigratorError, MigratorError } from '../errors.js';
import type { BlockingSession } from '../run-events.js';
import { describeHolder } from '../wording/holder.js';
import type { LockDialect } from './dialect.js';
import { untilGone } from './drain.js';
import { HEARTBEAT_EVERY_MS } from './heartbeat.js';
import { holderOf } from './holder.js';
import { lockDialect } from './lock-dialect.js';
import { predecessorAlive, unlockRefused } from './lock-errors.js';
import type { Coordinator, FenceRow, HolderInfo, LockLocation, Scope, SessionRef } from './lock.js';

/** A heartbeat younger than this, in milliseconds, is a process at work. */
const FRESH_HEARTBEAT_MS = 3 * HEARTBEAT_EVERY_MS;
/** Milliseconds that a terminated session gets to end, and that its fence row may still be held. */
const TERMINATE_MS = 5000;

/** ER_KILL_DENIED_ERROR. */
const KILL_DENIED = 1095;

/** What {@link unlock} needs to know. */
export interface UnlockRequest {
  readonly session: Session;
  readonly scope: Scope;
  readonly location: LockLocation;
  /** The holder that the caller saw. No other is touched. */
  readonly holderId: string;
  /** End its session although its heartbeat is fresh. */
  readonly terminate: boolean;
  /** Whose key is deleted too; null = none. */
  readonly coordinator: Coordinator | null;
  readonly signal: AbortSignal;
}

/** What was done. */
export interface Unlocked {
  readonly holder: HolderInfo;
  /** Whether a session was ended; false when it was gone already. */
  readonly terminated: boolean;
  /** The number that the old holder can no longer write under. */
  readonly fence: string;
  /** Why the coordinator's key may still be there until it expires; null = deleted, or there was none. */
  readonly coordinatorError: MigratorError | null;
}

/**
 * Takes the lock away from a holder that is gone or stuck: ends its session, raises the fence so that it can record nothing
 * when it wakes up, deletes its coordinator key. Compare and act on the holder's id, so that a newer holder is never hit
 * (liquibase/liquibase#5438, #6251).
 * @throws {MigratorError} `REFUSED_UNLOCK`, `MISSING_PRIVILEGE`, `PREDECESSOR_ALIVE`
 */
export async function unlock(request: UnlockRequest): Promise<Unlocked> {
  const { coordinator, holderId, location, scope, session, signal, terminate } = request;
  const dialect = lockDialect(session.server, scope, location);
  const row = await dialect.fence.read(session);
  const ref = row?.session ?? null;
  const look = async (): Promise<BlockingSession | null> =>
    ref === null
      ? null
      : ((await dialect.sessions.find(session, ref)) ??
        (await owningSession(dialect, session, ref)));
  const seen = await look();
  const holder = mayUnlock(row, { holderId, terminate, sessionAlive: seen !== null });
  let terminated = false;
  if (ref !== null && seen !== null && !dialect.sharesConnection) {
    await endSession(dialect, session, ref, seen);
    const left = await untilGone(look, seen, TERMINATE_MS, signal);
    if (left !== null) throw predecessorAlive(holder, left, TERMINATE_MS);
    terminated = true;
  }
  const fence =
    (await dialect.fence.revoke(session, holderId, holder.fence ?? '', TERMINATE_MS)) ??
    (await takenOver(dialect, session, holder));
  return {
    holder,
    terminated,
    fence,
    coordinatorError: await releaseCoordinator(coordinator, row, holderId),
  };
}

/** Whether this holder may be unlocked. First matching row decides. */
export function mayUnlock(
  row: FenceRow | null,
  asked: {
    readonly holderId: string;
    readonly terminate: boolean;
    /** Whether the server still lists the holder's session. */
    readonly sessionAlive: boolean;
  },
): HolderInfo {
  const { holderId, sessionAlive, terminate } = asked;
  const current = row === null ? null : holderOf(row);
  if (row === null || current === null) {
    throw unlockRefused(
      'No holder of the lock is on record in this database.',
      'nest-migrate status',
      null,
    );
  }
  if (current.id !== holderId) {
    throw unlockRefused(
      `${holderId} is not the holder of the lock any more: ${describeHolder(current)} came after it.`,
      'nest-migrate status shows the current holder; act on that one only if it is stuck as well.',
      current,
    );
  }
  if (row.released) {
    throw unlockRefused(
      `${describeHolder(current)} has given the lock back by itself.`,
      'Nothing is to be unlocked: nest-migrate status',
      current,
    );
  }
  const fresh = row.heartbeatAgeMs !== null && row.heartbeatAgeMs < FRESH_HEARTBEAT_MS;
  if (fresh && sessionAlive && !terminate) {
    throw unlockRefused(
      `${describeHolder(current)} is alive.`,
      `Stop that process and let it finish; or end its session on the server: nest-migrate unlock --holder ${holderId} --terminate`,
      current,
    );
  }
  return current;
}

/** Who owns the lock is alive, also where the server does not list it: MySQL without PROCESS, a database in this process. */
async function owningSession(
  dialect: LockDialect,
  session: Session,
  ref: SessionRef,
): Promise<BlockingSession | null> {
  const owner = await dialect.lock.owner(session);
  return owner !== null && (dialect.sharesConnection || owner.pid === ref.id) ? owner : null;
}

async function endSession(
  dialect: LockDialect,
  session: Session,
  ref: SessionRef,
  seen: BlockingSession,
): Promise<void> {
  try {
    await dialect.sessions.terminate(session, ref);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    if (error.kind !== 'privilege' && error.facts.errno !== KILL_DENIED) throw error;
    throw mayNotTerminate(seen, session, error);
  }
}

/** The row was not ours to take: a runner came in between (the aim is reached), or a transaction still holds it. */
async function takenOver(
  dialect: LockDialect,
  session: Session,
  holder: HolderInfo,
): Promise<string> {
  const now = await dialect.fence.read(session);
  if (now === null || (now.holderId === holder.id && !now.released)) {
    throw predecessorAlive(holder, null, TERMINATE_MS);
  }
  return now.fence;
}

async function releaseCoordinator(
  coordinator: Coordinator | null,
  row: FenceRow | null,
  holderId: string,
): Promise<MigratorError | null> {
  const coordinatorScope = row?.holder?.['coordinatorScope'];
  if (coordinator === null || typeof coordinatorScope !== 'string') return null;
  try {
    await coordinator.forceRelease(coordinatorScope, holderId);
    return null;
  } catch (error) {
    // The database is unlocked already, and the key expires by itself.
    return isMigratorError(error)
      ? error
      : new MigratorError('COORDINATOR_UNREACHABLE', {
          message: `The ${coordinator.kind} key of this holder could not be deleted.`,
          remedy: 'It expires by itself within its time to live.',
          cause: error,
        });
  }
}

function mayNotTerminate(
  seen: BlockingSession,
  session: Session,
  error: StatementError,
): MigratorError {
  const grant =
    session.server.dialect === 'postgresql'
      ? 'a member of pg_signal_backend, or the role of that session'
      : 'a user with CONNECTION_ADMIN (MySQL) or CONNECTION ADMIN (MariaDB)';
  return new MigratorError('MISSING_PRIVILEGE', {
    message: `${session.server.user} may not end session ${seen.pid}${seen.role === null ? '' : ` of ${seen.role}`}.`,
    state: 'Nothing was changed.',
    remedy: `Run nest-migrate unlock as ${grant}.`,
    driver: error.facts,
  });
}
