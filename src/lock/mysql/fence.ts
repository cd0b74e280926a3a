import { StatementError, type Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';
import { withTransaction } from '../../database/with-transaction.js';
import type { FenceStore } from '../dialect.js';
import { fenceRowOf, type StoredFence } from '../fence-row.js';
import type { FenceCheckSql, FenceRow, LockLocation, Scope } from '../lock.js';
import { mysqlLockName } from '../scope.js';
import { findProcess } from './processes.js';

/** Milliseconds since a timestamp column, by the server's clock and free of the session's time zone. */
function age(column: string): string {
  return `cast(round((unix_timestamp(current_timestamp(3)) - unix_timestamp(${column})) * 1000) as char)`;
}

/**
 * The fence on MySQL and MariaDB. Every statement names the full primary key: with `part` alone MariaDB scans past the
 * fence row and waits for whoever shares it (measured).
 */
export function mysqlFence(
  scope: Scope,
  location: LockLocation,
  flavour: 'mysql' | 'mariadb',
): FenceStore {
  const table = qualify('mysql', location.schema, 'migration_lock');
  const lockName = mysqlLockName(scope);

  return {
    async read(session: Session): Promise<FenceRow | null> {
      try {
        const [row] = await session.query<StoredFence>(
          `select cast(m.fence as char) as fence, m.holder_id, cast(m.holder as char) as holder,
                  cast(m.session_id as char) as session_id, m.session_start,
                  ${age('m.acquired_at')} as held_for_ms, if(m.released_at is null, '0', '1') as released,
                  ${age('l.heartbeat_at')} as heartbeat_age_ms
             from ${table} m
             left join ${table} l on l.scope = m.scope and l.part = 'lease' and l.holder_id = m.holder_id
            where m.scope = ? and m.part = 'fence'`,
          [scope],
        );
        return row === undefined ? null : fenceRowOf(row);
      } catch (error) {
        if (error instanceof StatementError && isNotVisible(error)) return null;
        throw error;
      }
    },

    async take(session, holder, timeoutMs): Promise<string | null> {
      const self = await findProcess(session, session.backendId);
      const params = [holder.id, JSON.stringify(holder.recorded), self?.start ?? null, scope];
      // `last_insert_id(expr)` hands the number to this session: MySQL has no UPDATE ... RETURNING.
      const update = `update ${table} set fence = last_insert_id(fence + 1), holder_id = ?, holder = ?,
                session_id = connection_id(), session_start = ?, acquired_at = current_timestamp(3), released_at = null
          where scope = ? and part = 'fence'`;
      return inShortTransaction(session, timeoutMs, async () => {
        if (!(await hasRow(session, table, scope))) {
          await session.query(
            `insert ignore into ${table} (scope, part) values (?, 'fence'), (?, 'lease')`,
            [scope, scope],
          );
        }
        await session.query(update, params);
        const [row] = await session.query<{ fence: string }>(
          'select cast(last_insert_id() as char) as fence',
        );
        await session.query(
          `update ${table} set holder_id = ?, heartbeat_at = current_timestamp(3) where scope = ? and part = 'lease'`,
          [holder.id, scope],
        );
        return row?.fence ?? null;
      });
    },

    async heartbeat(session, holderId): Promise<boolean> {
      await session.query(
        `update ${table} set heartbeat_at = current_timestamp(3)
          where scope = ? and part = 'lease' and holder_id = ?`,
        [scope, holderId],
      );
      const [row] = await session.query<{ holder_id: string | null }>(
        `select holder_id from ${table} where scope = ? and part = 'lease'`,
        [scope],
      );
      return row?.holder_id === holderId;
    },

    async markReleased(session, holderId, fence): Promise<void> {
      await session.query(
        `update ${table} set released_at = current_timestamp(3)
          where scope = ? and part = 'fence' and holder_id = ? and fence = cast(? as unsigned)`,
        [scope, holderId, fence],
      );
    },

    async revoke(session, holderId, fence, timeoutMs): Promise<string | null> {
      return inShortTransaction(session, timeoutMs, async () => {
        // Known to be non-zero afterwards only if the row was ours to take.
        await session.query('select last_insert_id(0)');
        await session.query(
          `update ${table} set fence = last_insert_id(fence + 1), released_at = current_timestamp(3)
            where scope = ? and part = 'fence' and holder_id = ? and fence = cast(? as unsigned)`,
          [scope, holderId, fence],
        );
        const [row] = await session.query<{ fence: string }>(
          'select cast(last_insert_id() as char) as fence',
        );
        return row === undefined || row.fence === '0' ? null : row.fence;
      });
    },

    check(fence: string): FenceCheckSql {
      return {
        params: [scope, fence, lockName],
        // MariaDB does not know FOR SHARE. The shared lock lets workers of one run pass side by side and holds up a takeover.
        sql: () => `select 1 as held from ${table}
          where scope = ? and part = 'fence' and fence = cast(? as unsigned) and is_used_lock(?) = session_id
          ${flavour === 'mariadb' ? 'lock in share mode' : 'for share'}`,
      };
    },
  };
}

async function hasRow(session: Session, table: string, scope: Scope): Promise<boolean> {
  const rows = await session.query(
    `select 1 as found from ${table} where scope = ? and part = 'fence'`,
    [scope],
  );
  return rows.length > 0;
}

/**
 * Runs an update of the fence row in a transaction of its own, which waits no longer than `timeoutMs` (whole seconds on
 * MySQL): a stopped predecessor may hold the row in an open transaction.
 * @returns null when the row could not be had in time
 */
async function inShortTransaction<T>(
  session: Session,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T | null> {
  const [before] = await session.query<{ seconds: string }>(
    'select cast(@@session.innodb_lock_wait_timeout as char) as seconds',
  );
  await setLockWait(session, Math.max(1, Math.ceil(timeoutMs / 1000)));
  try {
    return await withTransaction(session, {}, work);
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'lock-timeout') return null;
    throw error;
  } finally {
    if (!session.lost.aborted) await setLockWait(session, Number(before?.seconds ?? 50));
  }
}

async function setLockWait(session: Session, seconds: number): Promise<void> {
  await session.query(`set session innodb_lock_wait_timeout = ${Math.trunc(seconds)}`);
}

function isNotVisible(error: StatementError): boolean {
  return (
    error.kind === 'privilege' || error.kind === 'missing-table' || error.kind === 'missing-schema'
  );
}
