import type { Session } from '../../database/database.js';
import type { OlderWriters } from '../dialect.js';

/** Modes in which a transaction may have written rows; weaker ones read or lock rows. Source: PostgreSQL manual, Explicit Locking. */
const WRITING = `('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

/** A transaction keeps the locks of the tables that it wrote to its end, those of partitions too. Prepared transactions have no pid. */
const WRITERS = `select l.virtualtransaction as transaction, coalesce(l.pid, 0)::text as pid, nullif(a.application_name, '') as application
  from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'relation' and l.granted and l.pid is distinct from pg_backend_pid() and l.mode in ${WRITING}
   and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
   and l.relation in (select $1::regclass::oid union all select relid::oid from pg_catalog.pg_partition_tree($1::regclass))`;

interface Row {
  readonly transaction: string;
  readonly pid: string;
  readonly application: string | null;
}

/** Who has written the table and has not ended: their rows are not seen yet, and may lie below a bound that is read now. */
export async function olderWriters(session: Session, table: string): Promise<OlderWriters> {
  const open = await session.query<Row>(WRITERS, [table]);
  const older = new Set(open.map(({ transaction }) => transaction));
  return {
    left: async (asking) => {
      if (older.size === 0) return [];
      const now = await asking.query<Row>(WRITERS, [table]);
      return now
        .filter(({ transaction }) => older.has(transaction))
        .map(({ pid, application }) => ({ pid, application }));
    },
  };
}
