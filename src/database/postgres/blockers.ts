import type { BlockingSession } from '../../run-events.js';
import type { Session } from '../database.js';

interface Row {
  readonly pid: string;
  readonly role: string | null;
  readonly application: string | null;
  readonly state: string | null;
  readonly age_ms: number | null;
}

/**
 * `pg_blocking_pids` names holders of conflicting locks and who is ahead in the queue. Of sessions of other roles `pg_stat_activity`
 * shows pid, role and application, and NULL for state and times (measured on 15 and 18): those stay null, "not visible".
 * Pid 0 is a prepared transaction.
 */
const BLOCKERS_SQL = `SELECT DISTINCT b.pid::text AS pid, a.usename::text AS role,
  nullif(a.application_name, '') AS application,
  CASE WHEN b.pid = 0 THEN 'prepared transaction' ELSE a.state END AS state,
  (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS age_ms
  FROM unnest(pg_blocking_pids($1::int)) AS b (pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid
  ORDER BY pid`;

/** The sessions that a Postgres backend waits for. */
export async function postgresBlockers(
  observer: Session,
  backendId: string,
): Promise<readonly BlockingSession[]> {
  const rows = await observer.query<Row>(BLOCKERS_SQL, [backendId]);
  return rows.map(({ pid, role, application, state, age_ms: age }) => ({
    pid,
    role,
    application,
    state,
    transactionAgeMs: age === null ? null : Math.max(0, Math.round(age)),
  }));
}
