import type { BlockingSession } from '../../run-events.js';

/** A row of `pg_stat_activity a` as {@link activityColumns} reads it. */
export interface ActivityRow {
  readonly pid: string;
  readonly role: string | null;
  readonly application: string | null;
  readonly state: string | null;
  readonly transaction_age_ms: string | null;
}

/** Facts of a session; never its query text. For a session of another role `state` and `xact_start` are NULL (measured). */
export const activityColumns = `a.usename::text as role, nullif(a.application_name, '') as application, a.state,
                (extract(epoch from clock_timestamp() - a.xact_start) * 1000)::bigint::text as transaction_age_ms`;

/**
 * The start of a session as text that does not depend on TimeZone or DateStyle of whoever reads it.
 * A JavaScript `Date` would lose the microseconds and match nothing (measured).
 */
export const sessionStart = `to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The row as run events and errors carry it. */
export function toBlockingSession(row: ActivityRow): BlockingSession {
  return {
    pid: row.pid,
    role: row.role,
    application: row.application,
    state: row.state,
    transactionAgeMs: row.transaction_age_ms === null ? null : Number(row.transaction_age_ms),
  };
}
