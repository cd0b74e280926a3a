import type { Session } from '../../database/database.js';
import type { BlockingSession } from '../../run-events.js';
import type { SessionLock } from '../dialect.js';
import { applicationPrefix } from '../holder.js';
import type { Scope } from '../lock.js';
import { postgresLockKey } from '../scope.js';
import { activityColumns, toBlockingSession, type ActivityRow } from './activity.js';
import { lockOwnedWith } from './owned-lock.js';

/**
 * Postgres session advisory lock: per database, survives ROLLBACK, ends with the backend, so it is never free while an
 * orphaned statement of its holder still runs.
 * @see https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
export function postgresSessionLock(scope: Scope): SessionLock {
  const key = postgresLockKey(scope);
  return {
    key,
    async tryAcquire(session: Session): Promise<boolean> {
      const [row] = await session.query<{ acquired: boolean }>(
        'select pg_try_advisory_lock($1::bigint) as acquired',
        [key],
      );
      return row?.acquired === true;
    },
    async release(session: Session): Promise<void> {
      await session.query('select pg_advisory_unlock($1::bigint)', [key]);
    },
    async owner(session: Session): Promise<BlockingSession | null> {
      const [row] = await session.query<ActivityRow>(
        `select l.pid::text as pid, ${activityColumns}
           from pg_locks l left join pg_stat_activity a on a.pid = l.pid
          where ${lockOwnedWith('$1')}`,
        [key],
      );
      return row === undefined ? null : toBlockingSession(row);
    },
    async waiters(session: Session): Promise<BlockingSession[]> {
      const rows = await session.query<ActivityRow>(
        `select a.pid::text as pid, ${activityColumns}
           from pg_stat_activity a
          where a.datname = current_database() and a.pid <> pg_backend_pid()
            and starts_with(a.application_name, $1) and a.application_name like '%:waiting'
            and not exists (select 1 from pg_locks l where l.pid = a.pid and ${lockOwnedWith('$2')})
          order by a.backend_start nulls last, a.pid`,
        [applicationPrefix(scope), key],
      );
      return rows.map(toBlockingSession);
    },
  };
}
