import type { Session } from '../../database/database.js';
import type { Signal } from '../dialect.js';

/** `state` is NULL for a login that may not see it. A standby that is being copied has no position yet. */
const LAG = `select coalesce(max(extract(epoch from replay_lag) * 1000), 0)::float8 as lag,
  count(*) filter (where state is null)::int as hidden, count(*)::int as standbys
  from pg_catalog.pg_stat_replication where state is distinct from 'backup' and state is distinct from 'startup'`;

/** Sessions of others that wait for a lock of one of ours. `pg_locks` shows everybody's, `pg_blocking_pids` needs no right. */
const BLOCKED = `select count(distinct l.pid)::int as blocked from pg_catalog.pg_locks l
  where not l.granted and l.pid <> all ($1::int[]) and pg_blocking_pids(l.pid) && $1::int[]`;

/** One past the last number of a transaction that has written and ended; for everybody to read, and in every version. */
const NEXT_TRANSACTION = 'select txid_snapshot_xmax(txid_current_snapshot())::float8 as next';

/** Milliseconds that the standby furthest behind needs until it shows what is committed now. */
export async function replicaLag(session: Session): Promise<Signal> {
  const [row] = await session.query<{ lag: number; hidden: number; standbys: number }>(LAG);
  if (row === undefined || row.standbys === 0) return { kind: 'none' };
  if (row.hidden > 0)
    return {
      kind: 'hidden',
      message: `the lag of replicas is not visible to ${session.server.user}: grant pg_read_all_stats to it`,
    };
  return { kind: 'value', value: row.lag };
}

/** How many sessions wait for ours. */
export async function blockedSessions(session: Session, ours: readonly string[]): Promise<Signal> {
  const [row] = await session.query<{ blocked: number }>(BLOCKED, [`{${ours.join(',')}}`]);
  return { kind: 'value', value: row?.blocked ?? 0 };
}

/** Transactions that have written. */
export async function writes(session: Session): Promise<number | null> {
  const [row] = await session.query<{ readonly next: number }>(NEXT_TRANSACTION);
  return row?.next ?? null;
}
