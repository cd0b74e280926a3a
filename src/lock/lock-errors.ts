import { MigratorError } from '../errors.js';
import type { BlockingSession } from '../run-events.js';
import { describeHolder } from '../wording/holder.js';
import type { HolderInfo, Scope } from './lock.js';
import { isBackfillScope } from './scope.js';

/** What to type about a holder. */
function unlockCommand(holder: HolderInfo): string {
  return `nest-migrate unlock --holder ${holder.id}`;
}

function holderDetails(holder: HolderInfo | null): { [key: string]: string | number | null } {
  if (holder === null) return { holder: null };
  return {
    holder: holder.id,
    holderHost: holder.host,
    holderPid: holder.pid,
    holderApp: holder.app,
    holderRelease: holder.release ?? null,
    holderFence: holder.fence ?? null,
    holderSession: holder.session?.id ?? null,
    holderForMs: holder.heldForMs ?? null,
    heartbeatAgeMs: holder.heartbeatAgeMs ?? null,
  };
}

/** One that stopped before it put itself on record has no id to be unlocked by: its session on the server is all there is of it. */
function ifStuck(holder: HolderInfo | null, owner: BlockingSession | null): string {
  if (holder !== null) return ` If that process is gone or stuck: ${unlockCommand(holder)}`;
  if (owner === null) return '';
  return ` If it is stuck, end session ${owner.pid} on the server (Postgres: select pg_terminate_backend(${owner.pid}); MySQL: KILL ${owner.pid}).`;
}

/** Another holder had the lock for as long as we were told to wait. */
export function lockWaitTimeout(
  scope: Scope,
  holder: HolderInfo | null,
  owner: BlockingSession | null,
  waitedMs: number,
): MigratorError {
  const who =
    holder === null && owner !== null
      ? `server session ${owner.pid}${owner.application === null ? '' : ` (${owner.application})`}`
      : describeHolder(holder);
  const stuck = ifStuck(holder, owner);
  const again = `run this again when it has finished.${stuck}`;
  const words = isBackfillScope(scope)
    ? {
        message: `${who} is going through rows of this database.`,
        state: 'No row was touched by this run.',
        remedy: `nest-migrate backfill list shows how far it is, nest-migrate backfill cancel <name> ends it; ${again}`,
      }
    : {
        message: `${who} is migrating this database.`,
        state: 'Nothing was changed by this run.',
        remedy: `nest-migrate status shows ${holder === null ? 'the session that holds the lock' : 'what it is doing'}; ${again}`,
      };
  return new MigratorError('LOCK_WAIT_TIMEOUT', {
    ...words,
    message: `Gave up after ${Math.round(waitedMs)} ms: ${words.message}`,
    details: {
      ...holderDetails(holder),
      session: owner?.pid ?? null,
      waitedMs: Math.round(waitedMs),
    },
  });
}

/** A predecessor's session still lives although the lock is ours. */
export function predecessorAlive(
  holder: HolderInfo,
  session: BlockingSession | null,
  waitedMs: number,
): MigratorError {
  const seen =
    session === null
      ? 'a transaction of it still holds the fence'
      : session.state === null
        ? `its session ${session.pid} is not visible to this role (grant pg_read_all_stats)`
        : `its session ${session.pid} is ${session.state || 'idle'}`;
  return new MigratorError('PREDECESSOR_ALIVE', {
    message: `The earlier runner ${describeHolder(holder)} has not ended: ${seen}, after ${Math.round(waitedMs)} ms.`,
    state:
      'Nothing was changed by this run. What the earlier runner is doing may still be committed or rolled back.',
    remedy: `nest-migrate status shows its session; wait for it to end, or end it: ${unlockCommand(holder)} --terminate`,
    details: { ...holderDetails(holder), session: session?.pid ?? null },
  });
}

/** A write of this run was refused: its number is no longer the current one, or its runner has lost the session lock. */
export function fenced(scope: string, fence: string): MigratorError {
  return new MigratorError('FENCED', {
    message: `This run (fence ${fence} of ${scope}) has lost the right to change the database: another runner took over, or the session lock is gone.`,
    state: 'The transaction was rolled back; nothing of it is recorded.',
    remedy:
      'nest-migrate status shows the current holder, of a worker nest-migrate backfill list; run this again, it continues where the ledger stands.',
    details: { scope, fence },
  });
}

/** The coordinator's lease is or may be gone. */
export function leaseLost(kind: string, reason: 'denied' | 'no-quorum' | 'late'): MigratorError {
  const why = {
    denied: 'its key has expired, was taken over, or the servers restarted empty',
    'no-quorum': 'no majority of its servers answered before the lease ran out',
    late: 'this process was paused or busy for longer than the lease lasts',
  }[reason];
  return new MigratorError('LOCK_LOST', {
    message: `The ${kind} lease is lost: ${why}.`,
    state: 'The statement in progress was finished or rolled back; no other was started.',
    remedy: 'Run this again: it continues where the ledger stands.',
    details: { coordinator: kind, reason },
  });
}

/** The server could not say whether the lock is ours. */
export function sessionLockFailed(what: string): MigratorError {
  return new MigratorError('LOCK_LOST', {
    message: `The server could not take the session lock: ${what}.`,
    state: 'Nothing was changed by this run.',
    remedy:
      'Look into the server log for the reason (out of memory, a killed session), then run this again.',
  });
}

/** No coordinator server could be asked for as long as we were told to wait. */
export function coordinatorUnreachable(
  kind: string,
  facts: string,
  cause?: unknown,
): MigratorError {
  return new MigratorError('COORDINATOR_UNREACHABLE', {
    message: `The ${kind} coordinator cannot be reached: ${facts}.`,
    state: 'Nothing was changed by this run.',
    remedy:
      'Bring its servers back and run this again, or run on the database locks alone: nest-migrate up --without-coordinator (goes on record).',
    details: { coordinator: kind },
    ...(cause !== undefined && { cause }),
  });
}

/** The coordinator was given options that would make it unsafe or endless. */
export function coordinatorMisconfigured(message: string, remedy: string): MigratorError {
  return new MigratorError('COORDINATOR_MISCONFIGURED', { message, remedy });
}

/** `unlock` does not act: the reader should look again. */
export function unlockRefused(
  message: string,
  remedy: string,
  holder: HolderInfo | null,
): MigratorError {
  return new MigratorError('REFUSED_UNLOCK', {
    message,
    state: 'Nothing was changed.',
    remedy,
    details: holderDetails(holder),
  });
}
