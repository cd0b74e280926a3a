import { StatementError, type Session } from '../../database/database.js';
import type { Signal } from '../dialect.js';

/** Sessions of others that wait for a row lock of one of ours. Needs SELECT on performance_schema. */
const MYSQL_BLOCKED = `select cast(count(distinct w.requesting_thread_id) as char) as blocked
  from performance_schema.data_lock_waits w
  join performance_schema.threads b on b.thread_id = w.blocking_thread_id
  join performance_schema.threads r on r.thread_id = w.requesting_thread_id
 where b.processlist_id in (?) and r.processlist_id not in (?)`;

/** Needs PROCESS. */
const MARIADB_BLOCKED = `select cast(count(distinct w.requesting_trx_id) as char) as blocked
  from information_schema.innodb_lock_waits w
  join information_schema.innodb_trx b on b.trx_id = w.blocking_trx_id
  join information_schema.innodb_trx r on r.trx_id = w.requesting_trx_id
 where b.trx_mysql_thread_id in (?) and r.trx_mysql_thread_id not in (?)`;

const WRITES = [
  ...['Com_insert', 'Com_insert_select', 'Com_update', 'Com_update_multi'],
  ...['Com_delete', 'Com_delete_multi', 'Com_replace', 'Com_replace_select', 'Com_load'],
] as const;

/** How many sessions wait for ours. */
export async function blockedSessions(session: Session, ours: readonly string[]): Promise<Signal> {
  // Asked before there are any as well: whether it may be seen is better known at once. No session has the number 0.
  const ids = [0n, ...ours.map(BigInt)];
  const mariadb = session.server.flavour === 'mariadb';
  try {
    const [row] = await session.query<{ readonly blocked: string }>(
      mariadb ? MARIADB_BLOCKED : MYSQL_BLOCKED,
      [ids, ids],
    );
    return { kind: 'value', value: Number(row?.blocked ?? 0) };
  } catch (error) {
    if (!(error instanceof StatementError) || error.kind !== 'privilege') throw error;
    const right = mariadb ? 'PROCESS on *.*' : 'SELECT on performance_schema.*';
    return { kind: 'hidden', message: `who waits for rows is not visible: grant ${right}` };
  }
}

/** Statements that have written: every login may ask. */
export async function writes(session: Session): Promise<number> {
  const rows = await session.query<{ readonly Value: string }>(
    `show global status where variable_name in (${WRITES.map((name) => `'${name}'`).join(', ')})`,
  );
  return rows.reduce((total, { Value }) => total + Number(Value), 0);
}
