import type { Dialect } from '../database/database.js';
import { placeholder } from '../database/identifiers.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { ownTable } from '../ledger/location.js';
import type { BoundSql } from '../ledger/snapshot-rows.js';
import { CLOCKS } from './clock.js';

/**
 * The row by which a registry that nobody has entered yet differs from one that was emptied. A runner writes it once, and puts on record in
 * `migration_lock` that it did.
 */
export const SENTINEL = 'registry';

/** What a runner reads and writes of the registry of one scope. */
export interface RunnerSql {
  /** Every instance, each value as text. */
  readonly list: BoundSql;
  /** Whether the registry was established, whether its sentinel is there, and whether rows are older than is kept. */
  readonly look: BoundSql;
  /** Puts on record that it is established. */
  readonly establish: readonly BoundSql[];
  /** Throws away rows that nobody asks for any more. */
  readonly forget: BoundSql;
}

/** @param keepMs milliseconds after which the row of an instance that is no more is thrown away */
export function runnerSql(
  dialect: Dialect,
  location: LedgerLocation,
  scope: string,
  keepMs: number,
): RunnerSql {
  const { now, before, between } = CLOCKS[dialect];
  const instances = ownTable(dialect, location, 'migration_instances');
  const lock = ownTable(dialect, location, 'migration_lock');
  const at = (position: number): string => placeholder(dialect, position);
  const sentinel = `instance_id = '${SENTINEL}'`;
  const old = `not ${sentinel} and lease_until < ${before(keepMs)}`;
  const knows = dialect === 'postgresql' ? 'knows::text' : 'cast(knows as char)';
  const empty = dialect === 'postgresql' ? `'[]'::jsonb` : `'[]'`;
  const written = `insert into ${instances} (scope, instance_id, boot_id, service, host, pid, knows, journal, state, started_at, seen_at, lease_until, stopped_at)
     values (${at(1)}, '${SENTINEL}', '${SENTINEL}', '${SENTINEL}', '', 0, ${empty}, '', 'stopped', ${now}, ${now}, ${now}, ${now})`;
  return {
    list: {
      sql: `select instance_id as id, service, build, host, machine, pid, ${knows} as knows, state,
                   case when stopped_at is null then 0 else 1 end as stopped,
                   ${between(now, 'lease_until')} as lease_left, ${between('started_at', now)} as age
              from ${instances} where scope = ${at(1)} and not ${sentinel} order by started_at, instance_id`,
      params: [scope],
    },
    look: {
      sql: `select exists (select 1 from ${lock} where scope = ${at(1)} and part = 'fence' and fleet_seen) as established,
                   exists (select 1 from ${instances} where scope = ${at(2)} and ${sentinel}) as intact,
                   exists (select 1 from ${instances} where scope = ${at(3)} and ${old}) as old`,
      params: [scope, scope, scope],
    },
    establish: [
      {
        sql:
          dialect === 'postgresql'
            ? `${written} on conflict (scope, instance_id) do nothing`
            : written.replace('insert into', 'insert ignore into'),
        params: [scope],
      },
      {
        sql: `update ${lock} set fleet_seen = true where scope = ${at(1)} and part = 'fence'`,
        params: [scope],
      },
    ],
    forget: { sql: `delete from ${instances} where scope = ${at(1)} and ${old}`, params: [scope] },
  };
}
