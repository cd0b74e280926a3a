import { placeholder } from '../database/identifiers.js';
import type { Dialect } from '../database/database.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { ownTable } from '../ledger/location.js';
import type { BoundSql } from '../ledger/snapshot-rows.js';
import { LEASE_MS, type InstanceFacts } from './instance.js';
import type { SelfId } from './self.js';

/** What differs between the dialects: the clock, and how one counts with it. MySQL's columns are in UTC whatever the session's time zone is. */
interface Clock {
  readonly now: string;
  readonly after: (ms: number) => string;
  /** Milliseconds from the first moment to the second, as text. */
  readonly between: (from: string, to: string) => string;
}

const CLOCKS: Readonly<Record<Dialect, Clock>> = {
  postgresql: {
    now: 'clock_timestamp()',
    after: (ms) => `clock_timestamp() + interval '${ms} milliseconds'`,
    between: (from, to) => `(extract(epoch from ${to} - ${from}) * 1000)::bigint::text`,
  },
  mysql: {
    now: 'utc_timestamp(3)',
    after: (ms) => `utc_timestamp(3) + interval ${ms * 1000} microsecond`,
    between: (from, to) => `cast(timestampdiff(microsecond, ${from}, ${to}) div 1000 as char)`,
  },
};

/** Whose row it is. */
export interface Whose {
  readonly location: LedgerLocation;
  readonly scope: string;
  readonly self: SelfId;
}

/**
 * Writes the row of an instance that has none, or whose lease has ended. Changes nothing where another process has that id.
 *
 * @param state its own answer to readiness
 */
export function registering(
  dialect: Dialect,
  { location, scope, self }: Whose,
  facts: InstanceFacts,
  state: string,
): BoundSql {
  const { now, after } = CLOCKS[dialect];
  const values: readonly (readonly [string, unknown])[] = [
    ['scope', scope],
    ['instance_id', self.instanceId],
    ['boot_id', self.bootId],
    ['service', facts.service],
    ['build', facts.build],
    ['host', facts.host],
    ['pid', facts.pid],
    ['knows', JSON.stringify(facts.knows)],
    ['journal', facts.journal],
    ['operations', JSON.stringify(facts.operations)],
    ['caps', JSON.stringify(facts.capabilities)],
    ['state', state],
  ];
  const columns = [...values.map(([name]) => name), 'started_at', 'seen_at', 'lease_until'];
  const given = values.map((_, index) => placeholder(dialect, index + 1));
  const list = [...given, now, now, after(LEASE_MS)].join(', ');
  const table = ownTable(dialect, location, 'migration_instances');
  const changed = columns.slice(KEY_COLUMNS).filter((name) => name !== 'started_at');
  const sql =
    dialect === 'postgresql'
      ? `insert into ${table} as own (${columns.join(', ')}) values (${list})
         on conflict (scope, instance_id) do update
           set ${changed.map((name) => `${name} = excluded.${name}`).join(', ')}, stopped_at = null
         where own.boot_id = excluded.boot_id`
      : `insert into ${table} (${columns.join(', ')}) values (${list})
         on duplicate key update ${[...changed, 'stopped_at']
           .map((name) => `${name} = if(boot_id = values(boot_id), values(${name}), ${name})`)
           .join(', ')}`;
  return { sql, params: values.map(([, value]) => value) };
}

/** `scope`, `instance_id`, `boot_id`: they stay as they are, and so does when it started. */
const KEY_COLUMNS = 3;

/**
 * A sign of life. Writes nothing where the row is gone, was taken over or has lapsed: then it is to be registered anew, and what the ledger says is to be
 * read after that and not beside it.
 */
export function renewing(
  dialect: Dialect,
  { location, scope, self }: Whose,
  state: string,
  firstParameter = 1,
): BoundSql {
  const { now, after } = CLOCKS[dialect];
  const at = (index: number): string => placeholder(dialect, firstParameter + index);
  return {
    sql: `update ${ownTable(dialect, location, 'migration_instances')}
             set state = ${at(0)}, seen_at = ${now}, lease_until = ${after(LEASE_MS)}
           where scope = ${at(1)} and instance_id = ${at(2)} and boot_id = ${at(3)}
             and stopped_at is null and lease_until > ${now}`,
    params: [state, scope, self.instanceId, self.bootId],
  };
}

/** How many rows say that this process lives: one, or none. A FROM clause with its condition. */
export function living(
  dialect: Dialect,
  { location, scope, self }: Whose,
  firstParameter = 1,
): BoundSql {
  const at = (index: number): string => placeholder(dialect, firstParameter + index);
  return {
    sql: `from ${ownTable(dialect, location, 'migration_instances')}
         where scope = ${at(0)} and instance_id = ${at(1)} and boot_id = ${at(2)}
           and stopped_at is null and lease_until > ${CLOCKS[dialect].now}`,
    params: [scope, self.instanceId, self.bootId],
  };
}

/** A graceful stop. */
export function leaving(dialect: Dialect, { location, scope, self }: Whose): BoundSql {
  const { now } = CLOCKS[dialect];
  const at = (index: number): string => placeholder(dialect, index + 1);
  return {
    sql: `update ${ownTable(dialect, location, 'migration_instances')}
             set stopped_at = ${now}, seen_at = ${now}, lease_until = ${now}, state = 'stopped'
           where scope = ${at(0)} and instance_id = ${at(1)} and boot_id = ${at(2)} and stopped_at is null`,
    params: [scope, self.instanceId, self.bootId],
  };
}

/** Every row, each value as text. */
export function listing(dialect: Dialect, location: LedgerLocation, scope: string): BoundSql {
  const { now, between } = CLOCKS[dialect];
  const text = (column: string): string =>
    dialect === 'postgresql' ? `${column}::text` : `cast(${column} as char)`;
  return {
    sql: `select instance_id as id, service, build, host, pid, ${text('knows')} as knows, state,
                 case when stopped_at is null then 0 else 1 end as stopped,
                 ${between(now, 'lease_until')} as lease_left, ${between('started_at', now)} as age
            from ${ownTable(dialect, location, 'migration_instances')}
           where scope = ${placeholder(dialect, 1)} order by started_at, instance_id`,
    params: [scope],
  };
}

/** Rows that nobody asks for any more, but the last ones: an empty registry would mean that it was lost. */
export function forgetting(
  dialect: Dialect,
  location: LedgerLocation,
  scope: string,
  afterMs: number,
): BoundSql {
  const table = ownTable(dialect, location, 'migration_instances');
  const newest = `select max(lease_until) as newest from ${table} where scope = ${placeholder(dialect, 2)}`;
  return {
    // MySQL reads the table that it deletes from through a derived table only.
    sql: `delete from ${table} where scope = ${placeholder(dialect, 1)} and ${longOver(dialect, afterMs)}
            and lease_until < (select newest from (${newest}) last)`,
    params: [scope, scope],
  };
}

/** Of kind `gate`: when a runner first saw an instance. The flag in `migration_lock` says only that one did. */
const FIRST_SEEN = 'fleet';

/** Whether there is something to put on record or to throw away. */
export function noting(
  dialect: Dialect,
  location: LedgerLocation,
  scope: string,
  afterMs: number,
): BoundSql {
  const instances = ownTable(dialect, location, 'migration_instances');
  const lock = ownTable(dialect, location, 'migration_lock');
  const at = (index: number): string => placeholder(dialect, index);
  return {
    sql: `select exists (select 1 from ${instances} where scope = ${at(1)})
                 and not exists (select 1 from ${lock} where scope = ${at(2)} and part = 'fence' and fleet_seen) as unseen,
                 exists (select 1 from ${instances} where scope = ${at(3)} and ${longOver(dialect, afterMs)}
                            and lease_until < (select max(lease_until) from ${instances} where scope = ${at(4)})) as old`,
    params: [scope, scope, scope, scope],
  };
}

/** What goes on record when a runner sees an instance for the first time: when first, so that a crash between the two leaves nothing half said. */
export function sighting(
  dialect: Dialect,
  location: LedgerLocation,
  scope: string,
  fence: string,
  runner: string,
): readonly BoundSql[] {
  const at = (index: number): string => placeholder(dialect, index);
  const now = dialect === 'postgresql' ? 'clock_timestamp()' : 'current_timestamp(3)';
  return [
    {
      sql: `insert into ${ownTable(dialect, location, 'migration_attempts')} (scope, kind, tag, state, fence, runner, finished_at, reason)
            values (${at(1)}, 'gate', '${FIRST_SEEN}', 'done', ${at(2)}, ${at(3)}, ${now}, 'instances were seen for the first time')`,
      params: [scope, fence, runner],
    },
    {
      sql: `update ${ownTable(dialect, location, 'migration_lock')} set fleet_seen = true where scope = ${at(1)} and part = 'fence'`,
      params: [scope],
    },
  ];
}

/** Milliseconds since then, by the database's clock, or null. */
export function seenSince(dialect: Dialect, location: LedgerLocation, scope: string): BoundSql {
  const age =
    dialect === 'postgresql'
      ? '(extract(epoch from clock_timestamp() - a.started_at) * 1000)::bigint::text'
      : 'cast(cast((unix_timestamp(current_timestamp(3)) - unix_timestamp(a.started_at)) * 1000 as signed) as char)';
  return {
    sql: `select ${age} as age
            from ${ownTable(dialect, location, 'migration_lock')} l
            join ${ownTable(dialect, location, 'migration_attempts')} a on a.scope = l.scope and a.kind = 'gate' and a.tag = '${FIRST_SEEN}'
           where l.scope = ${placeholder(dialect, 1)} and l.part = 'fence' and l.fleet_seen order by a.id limit 1`,
    params: [scope],
  };
}

/** Whose lease ended so long ago, as a condition. */
export function longOver(dialect: Dialect, afterMs: number): string {
  const { now } = CLOCKS[dialect];
  return dialect === 'postgresql'
    ? `lease_until < ${now} - interval '${afterMs} milliseconds'`
    : `lease_until < ${now} - interval ${afterMs * 1000} microsecond`;
}
