import type { Session } from '../database/database.js';
import type { BlockingSession } from '../run-events.js';
import { holderOf } from './holder.js';
import { lockDialect } from './lock-dialect.js';
import type { FenceRow, HolderInfo, LockLocation, Scope } from './lock.js';

/** What can be seen of a lock from outside, without taking it. */
export interface LockInspection {
  readonly scope: Scope;
  /** Key of the advisory lock (Postgres) or name of the lock (MySQL), to be found in the server's own views. */
  readonly key: string;
  /** null = no `migration_lock`, or not visible to this role. */
  readonly row: FenceRow | null;
  /** Whether a session has the lock now. */
  readonly held: boolean;
  /** Who has it; null when nobody has, or when the session that has it is not the one on record. */
  readonly holder: HolderInfo | null;
  /** A holder that never said goodbye and has no session any more: it crashed, and the next run goes on from there. */
  readonly crashed: HolderInfo | null;
  /** The session that has the lock, as the server sees it. */
  readonly session: BlockingSession | null;
  readonly waiters: readonly BlockingSession[];
}

/** Reads who has the lock. Takes no lock, works with a read-only role; what that role may not see is null. */
export async function inspectLock(
  session: Session,
  scope: Scope,
  location: LockLocation,
): Promise<LockInspection> {
  const dialect = lockDialect(session.server, scope, location);
  const row = await dialect.fence.read(session);
  const owner = await dialect.lock.owner(session);
  const waiters = await dialect.lock.waiters(session);
  const onRecord = row === null || row.released ? null : holderOf(row);
  const matches = owner !== null && (dialect.sharesConnection || row?.session?.id === owner.pid);
  return {
    scope,
    key: dialect.lock.key,
    row,
    held: owner !== null,
    holder: matches ? onRecord : null,
    crashed: owner === null ? onRecord : null,
    session: owner,
    waiters,
  };
}
