import type { Dialect } from '../database/database.js';

/** The database's clock in SQL, and how one counts with it. MySQL's columns are in UTC, whatever the session's time zone is. */
export interface Clock {
  readonly now: string;
  readonly after: (ms: number) => string;
  readonly before: (ms: number) => string;
  /** Milliseconds from the first moment to the second, as text. */
  readonly between: (from: string, to: string) => string;
}

/** The clock of each dialect. */
export const CLOCKS: Readonly<Record<Dialect, Clock>> = {
  postgresql: {
    now: 'clock_timestamp()',
    after: (ms) => `clock_timestamp() + interval '${ms} milliseconds'`,
    before: (ms) => `clock_timestamp() - interval '${ms} milliseconds'`,
    between: (from, to) => `(extract(epoch from ${to} - ${from}) * 1000)::bigint::text`,
  },
  mysql: {
    now: 'utc_timestamp(3)',
    after: (ms) => `utc_timestamp(3) + interval ${ms * 1000} microsecond`,
    before: (ms) => `utc_timestamp(3) - interval ${ms * 1000} microsecond`,
    between: (from, to) => `cast(timestampdiff(microsecond, ${from}, ${to}) div 1000 as char)`,
  },
};
