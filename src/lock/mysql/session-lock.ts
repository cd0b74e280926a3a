import type { Session } from '../../database/database.js';
import { readProcesses } from '../../database/mysql/process-list.js';
import type { BlockingSession } from '../../run-events.js';
import type { SessionLock } from '../dialect.js';
import { sessionLockFailed } from '../lock-errors.js';
import type { Scope } from '../lock.js';
import { mysqlLockName } from '../scope.js';
import { findProcess, seenAs } from './processes.js';

/**
 * MySQL and MariaDB named lock: server-wide, survives the implicit commits of DDL, ends with the connection.
 * @see https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html
 */
export function mysqlSessionLock(scope: Scope): SessionLock {
  const name = mysqlLockName(scope);
  return {
    key: name,
    async tryAcquire(session: Session): Promise<boolean> {
      const [row] = await session.query<{ acquired: string | null }>(
        'select cast(get_lock(?, 0) as char) as acquired',
        [name],
      );
      return readGetLock(row?.acquired);
    },
    async release(session: Session): Promise<void> {
      await session.query('select release_lock(?)', [name]);
    },
    async owner(session: Session): Promise<BlockingSession | null> {
      const [row] = await session.query<{ id: string | null }>(
        'select cast(is_used_lock(?) as char) as id',
        [name],
      );
      const id = row?.id ?? null;
      if (id === null) return null;
      const process = await findProcess(session, id);
      return (
        process?.seen ?? {
          pid: id,
          role: null,
          application: null,
          state: null,
          transactionAgeMs: null,
        }
      );
    },
    async waiters(session: Session): Promise<BlockingSession[]> {
      const owner = await this.owner(session);
      const waiting = await waitingSessions(session);
      return waiting.filter((waiter) => waiter.pid !== owner?.pid);
    },
  };
}

/**
 * `GET_LOCK` answers 1 (ours), 0 (another's) or NULL (an error such as a killed thread). Only 1 is success.
 * @throws {MigratorError} `LOCK_LOST` on anything but 1 and 0
 */
export function readGetLock(answer: string | null | undefined): boolean {
  if (answer === '1') return true;
  if (answer === '0') return false;
  throw sessionLockFailed('GET_LOCK answered NULL');
}

/**
 * Runners in this database by the `program_name` they gave when connecting, before they knew whether they would wait. Empty
 * where the performance schema is off (MariaDB's default): who waits is for display only.
 */
async function waitingSessions(session: Session): Promise<BlockingSession[]> {
  const rows = await session
    .query<{ id: string }>(
      `select cast(processlist_id as char) as id from performance_schema.session_account_connect_attrs
        where attr_name = 'program_name' and attr_value like 'nest-migrate:%:waiting' and processlist_id <> connection_id()`,
    )
    .catch((): { id: string }[] => []);
  if (rows.length === 0) return [];
  const ids = new Set(rows.map(({ id }) => id));
  const processes = await readProcesses(session);
  return processes
    .filter(({ id, database }) => ids.has(id) && database === session.server.database)
    .toSorted((one, other) => Number(one.id) - Number(other.id))
    .map(seenAs);
}
