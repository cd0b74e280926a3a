import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeColumnType } from '../../src/operations/change-column-type.js';
import type { Operation, Phase } from '../../src/operations/operation.js';
import { renameColumn } from '../../src/operations/rename-column.js';
import { tightenCheck } from '../../src/operations/tighten-check.js';
import { tightenForeignKey } from '../../src/operations/tighten-foreign-key.js';
import { tightenLength } from '../../src/operations/tighten-length.js';
import { tightenNotNull } from '../../src/operations/tighten-not-null.js';
import { tightenUnique } from '../../src/operations/tighten-unique.js';
import { dumpPostgresSchema } from '../journals/postgres-dump.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { POSTGRES, PostgresWorld } from './postgres-world.js';

const PHASES: readonly Phase[] = ['expand', 'backfill', 'verify', 'contract'];
const USERS = ['users ACCESS EXCLUSIVE'];
const USERS_SCAN = ['users SHARE UPDATE EXCLUSIVE'];
const ORDERS = ['orders ACCESS EXCLUSIVE'];
const ORDERS_SCAN = ['orders SHARE UPDATE EXCLUSIVE'];

interface Case {
  readonly operation: Operation;
  /** As Drizzle Kit generates them. */
  readonly expand?: string;
  readonly contract?: string;
  /** Of all actions but the building of indexes, in order. */
  readonly locks: readonly (readonly string[])[];
}

const schema = (app: string): string => `
create schema ${app};
create type ${app}.mood as enum ('calm', 'cross');
create table ${app}.users (id bigint generated always as identity primary key, name varchar(40) not null, email text, mood ${app}.mood,
  n int not null default 7, constraint n_positive check (n > 0), constraint users_n_unique unique (n, id));
create index users_name on ${app}.users (name);
create index users_n on ${app}.users (n desc) include (email) where n > 10;
create view ${app}.loud as select id, upper(email) as email from ${app}.users;
comment on column ${app}.users.n is 'a number''s comment';
create table ${app}.orders (id serial primary key, user_id bigint, total numeric);
`;

const rows = (app: string): string => `
insert into ${app}.users (name, email, n) select 'name ' || i, case when i % 3 = 0 then null else 'mail ' || i end, i from generate_series(1, 100) i;
insert into ${app}.orders (user_id, total) select i, i - 5 from generate_series(1, 120) i;
`;

/** By name; each in a schema of its own, so that all of them are dumped at once. */
const CASES: Readonly<Record<string, (app: string) => Case>> = {
  rename_by_drop: (app) => ({
    operation: renameColumn('full', { table: `${app}.users`, from: 'name', to: 'full_name' }),
    expand: `ALTER TABLE "${app}"."users" ADD COLUMN "full_name" varchar(40);`,
    contract: `ALTER TABLE "${app}"."users" DROP COLUMN "name"; -- done`,
    locks: [USERS, USERS],
  }),
  rename_that_views_follow: (app) => ({
    operation: renameColumn('mail', { table: `${app}.users`, from: 'email', to: 'mail_address' }),
    contract: `ALTER TABLE "${app}"."users" RENAME COLUMN "email" TO "mail_address";`,
    locks: [USERS, USERS],
  }),
  rename_of_an_enum: (app) => ({
    operation: renameColumn('mood', { table: `${app}.users`, from: 'mood', to: 'temper' }),
    expand: `ALTER TABLE "${app}"."users" ADD COLUMN "temper" "${app}"."mood";`,
    contract: `ALTER TABLE "${app}"."users" DROP COLUMN "mood";`,
    locks: [USERS, USERS],
  }),
  not_null: (app) => ({
    operation: tightenNotNull('mail', {
      table: `${app}.users`,
      column: 'email',
      repair: { email: `'user ' || id` },
    }),
    contract: `ALTER TABLE "${app}"."users" ALTER COLUMN "email" SET NOT NULL;`,
    locks: [USERS, USERS_SCAN, USERS],
  }),
  checked: (app) => ({
    operation: tightenCheck('total', {
      table: `${app}.orders`,
      constraint: 'total_check',
      expression: 'total >= 0',
      repair: { total: '0' },
    }),
    expand: `ALTER TABLE "${app}"."orders" ADD CONSTRAINT "total_check" CHECK ("${app}"."orders"."total" >= 0); -- by hand`,
    locks: [ORDERS, ORDERS_SCAN, ORDERS],
  }),
  foreign_key: (app) => ({
    operation: tightenForeignKey('owner', {
      table: `${app}.orders`,
      constraint: 'orders_user_id_users_id_fk',
      columns: ['user_id'],
      references: { table: `${app}.users`, columns: ['id'] },
      onDelete: 'cascade',
      repair: { user_id: 'null' },
    }),
    expand: `ALTER TABLE "${app}"."orders" ADD CONSTRAINT "orders_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "${app}"."users"("id") ON DELETE cascade ON UPDATE no action;`,
    locks: [['orders SHARE ROW EXCLUSIVE', 'users SHARE ROW EXCLUSIVE'], ORDERS_SCAN],
  }),
  unique_constraint: (app) => ({
    operation: tightenUnique('mail', {
      table: `${app}.users`,
      constraint: 'users_email_unique',
      columns: ['email', 'id'],
    }),
    contract: `ALTER TABLE "${app}"."users" ADD CONSTRAINT "users_email_unique" UNIQUE NULLS NOT DISTINCT("email", "id");`,
    locks: [USERS],
  }),
  unique_index: (app) => ({
    operation: tightenUnique('mail', {
      table: `${app}.users`,
      constraint: 'users_email_index',
      columns: ['email'],
    }),
    contract: `CREATE UNIQUE INDEX "users_email_index" ON "${app}"."users" USING btree ("email");`,
    locks: [],
  }),
  limit_of_length: (app) => ({
    operation: tightenLength('short', {
      table: `${app}.users`,
      column: 'name',
      length: 7,
      repair: { name: 'left(name, 7)' },
    }),
    expand: `ALTER TABLE "${app}"."users" ADD CONSTRAINT "name_length" CHECK (char_length("${app}"."users"."name") <= 7);`,
    locks: [USERS, USERS_SCAN, USERS],
  }),
  int_to_bigint: (app) => ({
    operation: changeColumnType('n', { table: `${app}.users`, column: 'n', to: 'bigint' }),
    contract: `ALTER TABLE "${app}"."users" ALTER COLUMN "n" SET DATA TYPE bigint;`,
    locks: [USERS, USERS_SCAN, USERS_SCAN, USERS],
  }),
  serial_key_to_bigint: (app) => ({
    operation: changeColumnType('order-id', { table: `${app}.orders`, column: 'id', to: 'bigint' }),
    contract: `ALTER TABLE "${app}"."orders" ALTER COLUMN "id" SET DATA TYPE bigint;`,
    locks: [ORDERS, ORDERS_SCAN, ORDERS],
  }),
};

const ENTRIES = Object.entries(CASES).map(([name, made]) => ({ name, ...made(name) }));

describe.each(POSTGRES)('operations on tables with rows on %s', (server) => {
  let world: PostgresWorld;
  let plain: TestDatabase;

  beforeAll(async () => {
    const all = ENTRIES.map(({ name }) => schema(name)).join('\n');
    world = await PostgresWorld.open(server, all, ENTRIES.map(({ name }) => rows(name)).join('\n'));
    plain = await (await servers[server]()).createDatabase();
    await plain.query(all);
  });
  afterAll(async () => {
    await world.close();
    await plain.drop();
  });

  // Backfill makes no object: what is undone after it is what is undone after expand.
  it.each(['expand', 'verify'] as const)(
    'are undone after %s to exactly what was there before',
    async (last) => {
      const before = await dumpPostgresSchema(world.test.url);
      for (const { operation, expand = '' } of ENTRIES) {
        for (const phase of PHASES.slice(0, PHASES.indexOf(last) + 1))
          await world.run(operation, phase, phase === 'expand' ? expand : '');
      }
      for (const { operation } of ENTRIES) await world.undo(operation);
      expect(await dumpPostgresSchema(world.test.url)).toBe(before);
    },
  );

  it('end where their covered statements end, by the locks that they name, and a second run does nothing', async () => {
    for (const { name, operation, expand = '', contract = '', locks } of ENTRIES) {
      const taken: (readonly string[])[] = [];
      for (const phase of PHASES) {
        const covered = phase === 'expand' ? expand : phase === 'contract' ? contract : '';
        for (const [action, { declared, held }] of Object.entries(
          await world.run(operation, phase, covered),
        )) {
          expect({ name, action, locks: held }).toEqual({ name, action, locks: declared });
          taken.push(held);
        }
        expect(await world.run(operation, phase, covered)).toEqual({});
      }
      expect({ name, taken }).toEqual({ name, taken: locks });
      for (const sql of [expand, contract]) if (sql !== '') await plain.query(sql);
    }
    // The one trace of a change of type is the column's place in its table.
    const lines = async (url: string): Promise<string[]> =>
      (await dumpPostgresSchema(url))
        .split('\n')
        .map((line) => line.replace(/,$/, ''))
        .sort();
    expect(await lines(world.test.url)).toEqual(await lines(plain.url));
    const places = `select table_schema, array_agg(column_name::text order by ordinal_position) as names
      from information_schema.columns where table_name = 'users' and table_schema like 'rename%' group by 1 order by 1`;
    expect(await world.rows(places)).toEqual(await plain.query(places));
  });
});
