import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import { backfill } from '../../src/operations/backfill-rows.js';
import { changeColumnType } from '../../src/operations/change-column-type.js';
import type { Operation } from '../../src/operations/operation.js';
import { recipeOf } from '../../src/operations/postgres/recipe.js';
import { readPostgresFacts } from '../../src/operations/postgres/table-facts.js';
import { renameColumn } from '../../src/operations/rename-column.js';
import { tightenForeignKey } from '../../src/operations/tighten-foreign-key.js';
import { tightenLength } from '../../src/operations/tighten-length.js';
import { tightenNotNull } from '../../src/operations/tighten-not-null.js';
import { tightenUnique } from '../../src/operations/tighten-unique.js';
import { PostgresWorld } from './postgres-world.js';

const T =
  'create table t (id int primary key, a text not null, g text generated always as (upper(id::text)) stored);';
const rename = renameColumn('op', { table: 't', from: 'a', to: 'b' });
const retype = changeColumnType('op', { table: 't', column: 'a', to: 'varchar' });

interface Case {
  readonly sql: string;
  readonly operation: Operation;
  readonly expand?: string;
  /** `code: a word of the message` */
  readonly errors?: readonly string[];
  readonly warnings?: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  nothing: { sql: T, operation: rename },
  'no table': { sql: '', operation: rename, errors: ['table-missing: t'] },
  'a view in its place': {
    sql: 'create view t as select 1 as a',
    operation: rename,
    errors: ['not-a-table: view'],
  },
  'no such column': {
    sql: T,
    operation: renameColumn('op', { table: 't', from: 'aa', to: 'b' }),
    errors: ['column-missing: Did you mean a'],
  },
  'a new column that is there': {
    sql: `${T} alter table t add b text`,
    operation: rename,
    errors: ['column-exists: b'],
  },
  'no key': {
    sql: 'create table t (id int unique, a text)',
    operation: rename,
    errors: ['no-key: t'],
  },
  'a unique index over NOT NULL as key': {
    sql: 'create table t (id int not null unique, a text)',
    operation: rename,
  },
  'a partial unique index as key': {
    sql: 'create table t (id int not null, a text); create unique index on t (id) where id > 1',
    operation: rename,
    errors: ['no-key: t'],
  },
  'a generated column to rename': {
    sql: T,
    operation: renameColumn('op', { table: 't', from: 'g', to: 'b' }),
    errors: ['generated: g'],
  },
  'an identity column to rename': {
    sql: 'create table t (k int primary key, a int generated always as identity)',
    operation: rename,
    errors: ['identity: a'],
  },
  'another type': {
    sql: T,
    operation: rename,
    expand: 'alter table t add column b varchar(10)',
    errors: ['type-differs: varchar(10)'],
  },
  'NOT NULL without default': {
    sql: T,
    operation: rename,
    expand: 'alter table t add column b text not null',
    errors: ['not-null: b'],
  },
  'NOT NULL with default over a nullable column': {
    sql: 'create table t (id int primary key, a text)',
    operation: rename,
    expand: `alter table t add column b text default 'x' not null`,
    errors: ['not-null: b'],
  },
  'a computed default': {
    sql: T,
    operation: rename,
    expand: 'alter table t add column b text default gen_random_uuid()',
    errors: ['computed-default: b'],
  },
  'a UNIQUE in the ADD COLUMN': {
    sql: T,
    operation: rename,
    expand: 'alter table t add column b text unique',
    errors: ['clauses: UNIQUE'],
  },
  'a trigger of another operation, whichever fires first': {
    sql: `${T} create function f() returns trigger language plpgsql as 'begin return new; end';
      create trigger zzz_mg_00000000_sync before insert or update on t for each row execute function f();
      create trigger zzz_mg_ffffffff_sync before insert or update on t for each row execute function f();`,
    operation: rename,
  },
  'a trigger that fires after ours': {
    sql: `${T} create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger zzzz before update on t for each row execute function f()`,
    operation: rename,
    errors: ['trigger-order: zzzz'],
  },
  'triggers that do not get in the way': {
    sql: `${T} create function f() returns trigger language plpgsql as 'begin return new; end';
      create trigger zzzz after update on t for each row execute function f();
      create trigger zzzy before delete on t for each row execute function f();
      create trigger zzzx before update on t execute function f();
      create trigger aaa before update on t for each row execute function f()`,
    operation: rename,
  },
  'a trigger of the old column alone': {
    sql: `${T} create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger x after update of a on t for each row execute function f()`,
    operation: rename,
    warnings: ['trigger: x'],
  },
  'a partition': {
    sql: 'create table p (id int primary key, a text) partition by range (id); create table t partition of p for values from (0) to (9)',
    operation: rename,
    errors: ['is-partition: public.p'],
  },
  'tables that inherit': {
    sql: `${T} create table heir () inherits (t)`,
    operation: rename,
    errors: ['inheritance: public.heir'],
  },
  'a publication': {
    sql: `${T} create publication whole for table t; create publication part for table t (id, a)`,
    operation: rename,
    warnings: ['publication: whole', 'publication: part'],
  },
  'a function that mentions the column': {
    sql: `${T} create function f() returns text language sql as 'select a from t limit 1'`,
    operation: rename,
    warnings: ['function: f()'],
  },
  'a view, for a rename by drop, before contract': {
    sql: `${T} create view v as select a from t`,
    operation: rename,
    expand: 'alter table t add column b text',
    warnings: ['view: public.v'],
  },
  'a view, for a rename by RENAME': {
    sql: `${T} create view v as select a from t`,
    operation: rename,
  },
  'a view under a change of type': {
    sql: `${T} create view v as select a from t`,
    operation: retype,
    errors: ['view: public.v'],
  },
  'a foreign key to the column under a change of type': {
    sql: `${T} alter table t add unique (a); create table o (a text references t (a))`,
    operation: retype,
    errors: ['foreign-key: public'],
  },
  'a policy under a change of type': {
    sql: `${T} create policy own on t using (a = current_user)`,
    operation: retype,
    errors: ['policy: own'],
  },
  'an exclusion under a change of type': {
    sql: `create table t (id int primary key, a int4range, exclude using gist (a with &&))`,
    operation: changeColumnType('op', { table: 't', column: 'a', to: 'int8range' }),
    errors: ['exclusion: t_a_excl'],
  },
  'a deferrable constraint under a change of type': {
    sql: `${T} alter table t add constraint late unique (a) deferrable`,
    operation: retype,
    errors: ['deferrable: late'],
  },
  'privileges of the column under a change of type': {
    sql: `${T} grant select (a) on t to public`,
    operation: retype,
    errors: ['column-grants: a'],
  },
  'NOT NULL without a repair': {
    sql: 'create table t (id int primary key, a text)',
    operation: tightenNotNull('op', { table: 't', column: 'a' }),
    warnings: ['no-repair: a'],
  },
  'a shorter type': {
    sql: T,
    operation: tightenLength('op', { table: 't', column: 'a', length: 5 }),
    errors: ['rewrite: a'],
  },
  'UNIQUE of a partitioned table': {
    sql: 'create table t (id int primary key, a text) partition by range (id)',
    operation: tightenUnique('op', { table: 't', constraint: 'u', columns: ['a'] }),
    errors: ['partitioned: beside'],
  },
  'a foreign key without an index': {
    sql: 'create table o (id int primary key); create table t (id int primary key, o int)',
    operation: tightenForeignKey('op', {
      table: 't',
      constraint: 'fk',
      columns: ['o'],
      references: { table: 'o', columns: ['id'] },
    }),
    warnings: ['no-index: o'],
  },
  'a backfill of the key': {
    sql: T,
    operation: backfill('op', { table: 't', set: { id: 'id + 1' } }),
    errors: ['key: id'],
  },
};

describe('what is in the way of an operation', () => {
  let world: PostgresWorld;
  beforeAll(async () => void (world = await PostgresWorld.open('postgres18')));
  afterAll(() => world.close());

  it.each(Object.entries(CASES))(
    '%s',
    async (_, { sql, operation, expand = '', errors = [], warnings = [] }) => {
      await world.test.query(
        `drop schema public cascade; create schema public; drop publication if exists whole; drop publication if exists part; ${sql}`,
      );
      const { blockers } = await world.recipe(operation, 'expand', expand);
      const found = (severity: string): readonly string[] =>
        blockers
          .filter((one) => one.severity === severity)
          .map(({ code, message }) => `${code}: ${message}`);
      expect(found('error')).toEqual(errors.map(parts));
      expect(found('warning')).toEqual(warnings.map(parts));
    },
  );

  it('a view is in the way when contract drops its column', async () => {
    await world.test.query(
      `drop schema public cascade; create schema public; ${T} create view v as select a from t`,
    );
    await world.run(rename, 'expand', 'alter table t add column b text');
    expect(await world.blockers(rename, 'verify')).toEqual([]);
    expect(await world.blockers(rename, 'contract', 'alter table t drop column a')).toEqual([
      'view',
    ]);
    expect(await world.blockers(rename, 'contract', 'alter table t rename column a to b')).toEqual(
      [],
    );
  });

  it('a login that may not alter the table, or from which rows are hidden', async () => {
    await world.test.query(
      `drop schema public cascade; create schema public; ${T} alter table t enable row level security`,
    );
    const user = await world.test.createUser((name) => [
      `grant usage on schema public to ${name}`,
      `grant select, update on t to ${name}`,
    ]);
    const session = await createDatabase({ dialect: 'postgresql', url: user.url }).connect({
      role: 'runner',
    });
    const { blockers } = recipeOf(rename, await readPostgresFacts(session, rename.table), []);
    expect(blockers.map(({ code }) => code)).toEqual(['missing-privilege', 'row-security']);
    expect(blockers[0]?.message).toBe(
      'This login lacks OWNERSHIP OF TABLE "public"."t", CREATE ON SCHEMA "public".',
    );
    await session.close();
    await user.drop();
  });

  it('a session whose triggers are skipped', async () => {
    await world.test.query(`drop schema public cascade; create schema public; ${T}`);
    await world.session.query('set session_replication_role = replica');
    expect(await world.blockers(rename)).toEqual(['replication-role']);
    await world.session.query('reset session_replication_role');
  });

  it('a table that is filled by logical replication', async () => {
    await world.test.query(`drop schema public cascade; create schema public; ${T}
      create subscription sub connection 'dbname=nowhere' publication p with (connect = false)`);
    try {
      await world.test.query(
        `insert into pg_subscription_rel select s.oid, 't'::regclass, 'r', null from pg_subscription s where subname = 'sub'`,
      );
      expect(await world.blockers(rename)).toEqual(['subscriber']);
    } finally {
      await world.test.query(
        'delete from pg_subscription_rel; alter subscription sub set (slot_name = none)',
      );
      await world.test.query('drop subscription sub');
    }
  });
});

/** `code: words` as a matcher: the code, and the words somewhere behind it. */
function parts(expected: string): unknown {
  const [code = '', words = ''] = expected.split(': ');
  const escaped = words.replace(/[()[\].*+?$^|\\]/g, String.raw`\$&`);
  return expect.stringMatching(new RegExp(`^${code}: .*${escaped}`));
}
