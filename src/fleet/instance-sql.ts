import { placeholder } from '../database/identifiers.js';
import type { Dialect } from '../database/database.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { ownTable } from '../ledger/location.js';
import type { BoundSql } from '../ledger/snapshot-rows.js';
import { CLOCKS } from './clock.js';
import { LEASE_MS, type InstanceFacts } from './instance.js';
import type { SelfId } from './self.js';

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
    ['machine', facts.machine],
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
