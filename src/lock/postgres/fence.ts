import { StatementError, type Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';
import { withTransaction } from '../../database/with-transaction.js';
import type { FenceStore } from '../dialect.js';
import { fenceRowOf, type StoredFence } from '../fence-row.js';
import type { FenceCheckSql, FenceRow, LockLocation, Scope } from '../lock.js';
import { postgresLockKey } from '../scope.js';
import { sessionStart } from './activity.js';
import { lockOwnedWith } from './owned-lock.js';

/**
 * The fence on Postgres: two rows a scope, so that a heartbeat never waits for a chunk that shares the fence row.
 * @param checksOwner whether the check also demands that the runner's backend owns the session lock; false for PGlite
 */
export function postgresFence(
  scope: Scope,
  location: LockLocation,
  checksOwner: boolean,
): FenceStore {
  const schema = location.schema ?? 'public';
  const table = qualify('postgresql', schema, 'migration_lock');
  const key = postgresLockKey(scope);

  return {
    async read(session: Session): Promise<FenceRow | null> {
      // Asked of the catalogue first: a refused query is an ERROR in the server's log for every poll of every waiter,
      // and ends the read-only transaction in which `status` looks.
      const [found] = await session.query<{ readable: boolean }>(
        `select has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as readable
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = $1 and c.relname = 'migration_lock'`,
        [schema],
      );
      if (found?.readable !== true) return null;
      const [row] = await session.query<StoredFence>(
        `select m.fence::text as fence, m.holder_id, m.holder::text as holder, m.session_id::text as session_id, m.session_start,
                (extract(epoch from clock_timestamp() - m.acquired_at) * 1000)::bigint::text as held_for_ms,
                case when m.released_at is null then '0' else '1' end as released,
                (extract(epoch from clock_timestamp() - l.heartbeat_at) * 1000)::bigint::text as heartbeat_age_ms
           from ${table} m
           left join ${table} l on l.scope = m.scope and l.part = 'lease' and l.holder_id = m.holder_id
          where m.scope = $1 and m.part = 'fence'`,
        [scope],
      );
      return row === undefined ? null : fenceRowOf(row);
    },

    async take(session, holder, timeoutMs): Promise<string | null> {
      const update = `with fence as (
           update ${table} set fence = fence + 1, holder_id = $2, holder = $3::jsonb, session_id = pg_backend_pid(),
                  session_start = (select ${sessionStart} from pg_stat_activity a where a.pid = pg_backend_pid()),
                  acquired_at = clock_timestamp(), released_at = null
            where scope = $1 and part = 'fence' returning fence),
         lease as (
           update ${table} set holder_id = $2, heartbeat_at = clock_timestamp() where scope = $1 and part = 'lease')
         select fence::text as fence from fence`;
      const params = [scope, holder.id, JSON.stringify(holder.recorded)];
      return inShortTransaction(session, timeoutMs, async () => {
        const [row] = await session.query<{ fence: string }>(update, params);
        if (row !== undefined) return row.fence;
        // The bootstrap made the rows of another ledger table of this schema: ours come now, under our session lock.
        await session.query(
          `insert into ${table} (scope, part) values ($1, 'fence'), ($1, 'lease') on conflict do nothing`,
          [scope],
        );
        const [first] = await session.query<{ fence: string }>(update, params);
        return first?.fence ?? null;
      });
    },

    async heartbeat(session, holderId): Promise<boolean> {
      const rows = await session.query(
        `update ${table} set heartbeat_at = clock_timestamp()
          where scope = $1 and part = 'lease' and holder_id = $2 returning 1 as beat`,
        [scope, holderId],
      );
      return rows.length === 1;
    },

    async markReleased(session, holderId, fence): Promise<void> {
      await session.query(
        `update ${table} set released_at = clock_timestamp()
          where scope = $1 and part = 'fence' and holder_id = $2 and fence = $3`,
        [scope, holderId, fence],
      );
    },

    async revoke(session, holderId, fence, timeoutMs): Promise<string | null> {
      return inShortTransaction(session, timeoutMs, async () => {
        const [row] = await session.query<{ fence: string }>(
          `update ${table} set fence = fence + 1, released_at = clock_timestamp()
            where scope = $1 and part = 'fence' and holder_id = $2 and fence = $3 returning fence::text as fence`,
          [scope, holderId, fence],
        );
        return row?.fence ?? null;
      });
    },

    check(fence: string): FenceCheckSql {
      return {
        params: checksOwner ? [scope, fence, key] : [scope, fence],
        // FOR SHARE lets workers of one run pass side by side; a takeover is an UPDATE and waits for them all.
        sql: (first) => `select 1 as held from ${table} m
          where m.scope = $${first} and m.part = 'fence' and m.fence = $${first + 1}::bigint${
            checksOwner
              ? `
            and exists (select 1 from pg_locks l where l.pid = m.session_id and ${lockOwnedWith(`$${first + 2}`)})`
              : ''
          }
            for share of m`,
      };
    },
  };
}

/**
 * Runs an update of the fence row in a transaction of its own, which waits no longer than `timeoutMs`: a stopped
 * predecessor may hold the row in an open transaction.
 * @returns null when the row could not be had in time
 */
async function inShortTransaction<T>(
  session: Session,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await withTransaction(session, {}, async () => {
      await session.query(`select set_config('lock_timeout', $1, true)`, [
        `${Math.max(1, Math.round(timeoutMs))}ms`,
      ]);
      return work();
    });
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'lock-timeout') return null;
    throw error;
  }
}
