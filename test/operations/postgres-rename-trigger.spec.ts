import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/operations/rename-column.js';
import { POSTGRES, PostgresWorld } from './postgres-world.js';

const TABLE = `create table users (id int primary key, name text not null, age int)`;
const EXPAND = 'alter table "users" add column "full_name" text';
const rename = renameColumn('users-full-name', { table: 'users', from: 'name', to: 'full_name' });

/** note expand-contract 6.3, row by row */
describe.each(POSTGRES)('what the trigger of a rename makes of a write on %s', (server) => {
  let world: PostgresWorld;

  beforeAll(async () => {
    world = await PostgresWorld.open(server, TABLE, `insert into users values (1, 'Ada', 36)`);
    await world.run(rename, 'expand', EXPAND);
  });
  afterAll(() => world.close());
  beforeEach(() =>
    // What was there before expand: the trigger is kept off for a moment.
    world.test.query(`begin; set local session_replication_role = replica;
      delete from users; insert into users (id, name, full_name) values (1, 'Ada', null), (2, 'Bea', 'Bea'); commit`),
  );

  const pairs = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (
        await world.rows(
          `select id, coalesce(name, '-') || '/' || coalesce(full_name, '-') as pair from users order by id`,
        )
      ).map((row) => [String(row['id']), String(row['pair'])]),
    );

  const ROWS: readonly (readonly [string, string, Record<string, string>])[] = [
    [
      'INSERT of only the old column',
      `insert into users (id, name) values (3, 'Cid')`,
      { 3: 'Cid/Cid' },
    ],
    [
      'INSERT of only the new column, the old one NOT NULL',
      `insert into users (id, full_name) values (3, 'Cid')`,
      { 3: 'Cid/Cid' },
    ],
    [
      'INSERT as Drizzle writes it, by the default keyword',
      `insert into users (id, name, full_name) values (3, default, 'Cid')`,
      { 3: 'Cid/Cid' },
    ],
    [
      'INSERT of both, equal',
      `insert into users (id, name, full_name) values (3, 'Cid', 'Cid')`,
      { 3: 'Cid/Cid' },
    ],
    [
      'UPDATE of only the old column',
      `update users set name = 'Eve' where id = 2`,
      { 2: 'Eve/Eve' },
    ],
    [
      'UPDATE of only the new column',
      `update users set full_name = 'Eve' where id = 2`,
      { 2: 'Eve/Eve' },
    ],
    [
      'UPDATE of both, equal',
      `update users set name = 'Eve', full_name = 'Eve' where id = 2`,
      { 2: 'Eve/Eve' },
    ],
    [
      'UPDATE of another column heals a row from before',
      `update users set age = 37 where id = 1`,
      { 1: 'Ada/Ada' },
    ],
    ['our own backfill', `update users set full_name = name where id = 1`, { 1: 'Ada/Ada' }],
    [
      'UPDATE of the new column alone in a row from before',
      `update users set full_name = 'Eve' where id = 1`,
      { 1: 'Eve/Eve' },
    ],
    [
      'upsert by the new name',
      `insert into users (id, full_name) values (2, 'Eve') on conflict (id) do update set full_name = excluded.full_name`,
      { 2: 'Eve/Eve' },
    ],
    [
      'upsert by the old name',
      `insert into users (id, name) values (2, 'Eve') on conflict (id) do update set name = excluded.name`,
      { 2: 'Eve/Eve' },
    ],
    ['a change of case alone', `update users set full_name = 'bea' where id = 2`, { 2: 'bea/bea' }],
    ['a space at the end', `update users set name = 'Bea ' where id = 2`, { 2: 'Bea /Bea ' }],
  ];
  it.each(ROWS)('%s', async (_, sql, expected) => {
    await world.session.execute(sql);
    expect(await pairs()).toMatchObject(expected);
  });

  const REFUSED: readonly (readonly [string, string, string])[] = [
    [
      'INSERT of both, different',
      `insert into users (id, name, full_name) values (3, 'Cid', 'Dan')`,
      'MG001',
    ],
    [
      'UPDATE of both, different',
      `update users set name = 'Eve', full_name = 'Fay' where id = 2`,
      'MG001',
    ],
    ['INSERT of neither, as before', `insert into users (id) values (3)`, '23502'],
    [
      'UPDATE of the new column to NULL where the old one must not be',
      `update users set full_name = null where id = 2`,
      '23502',
    ],
  ];
  it.each(REFUSED)('%s is refused', async (_, sql, code) => {
    const before = await pairs();
    expect(await world.refusal(sql)).toBe(code);
    expect(await pairs()).toEqual(before);
  });

  it('the refusal holds no value', async () => {
    const message = await world.session
      .execute(`insert into users (id, name, full_name) values (3, 'Cid', 'Dan')`)
      .catch((error: { cause?: { message?: string } }) => error.cause?.message);
    expect(message).toBe('operation users-full-name: both columns written and different');
  });
});

describe.each(POSTGRES)('policies and defaults of a rename on %s', (server) => {
  let world: PostgresWorld;
  beforeAll(async () => void (world = await PostgresWorld.open(server, 'create extension citext')));
  afterAll(() => world.close());

  it.each([
    ['prefer-new', 'Dan'],
    ['prefer-old', 'Cid'],
  ] as const)('%s decides when both are written', async (onConflict, winner) => {
    const table = `t_${onConflict.replace('-', '_')}`;
    const operation = renameColumn(table, { table, from: 'a', to: 'b', onConflict });
    await world.test.query(`create table ${table} (id int primary key, a text)`);
    await world.run(operation, 'expand');
    await world.session.execute(`insert into ${table} values (1, 'Cid', 'Dan')`);
    await world.session.execute(`insert into ${table} values (2, 'x', 'x')`);
    await world.session.execute(`update ${table} set a = 'Cid', b = 'Dan' where id = 2`);
    expect(await world.rows(`select a, b from ${table}`)).toEqual([
      { a: winner, b: winner },
      { a: winner, b: winner },
    ]);
  });

  it('a constant default of the old column counts as not written, and so does one of the new', async () => {
    await world.test.query(
      `create table d (id int primary key, a varchar(10) not null default 'none', b int)`,
    );
    const operation = renameColumn('d', { table: 'd', from: 'a', to: 'c' });
    await world.run(
      operation,
      'expand',
      `alter table d add column c varchar(10) default 'none' not null`,
    );
    await world.session.execute(`insert into d (id, c) values (1, 'new')`);
    await world.session.execute(`insert into d (id, a) values (2, 'old')`);
    await world.session.execute(`insert into d (id) values (3)`);
    expect(await world.rows('select a, c from d order by id')).toEqual([
      { a: 'new', c: 'new' },
      { a: 'old', c: 'old' },
      { a: 'none', c: 'none' },
    ]);
    expect(await world.refusal(`insert into d (id, a, c) values (4, 'x', 'y')`)).toBe('MG001');
  });

  it('a new value wins over a computed default of the old column', async () => {
    await world.test.query(
      `create table v (id int primary key, a uuid not null default gen_random_uuid())`,
    );
    const operation = renameColumn('v', { table: 'v', from: 'a', to: 'b' });
    await world.run(operation, 'expand');
    const uuid = '00000000-0000-4000-8000-000000000001';
    await world.session.execute(`insert into v (id, b) values (1, '${uuid}')`);
    await world.session.execute('insert into v (id) values (2)');
    expect(await world.rows('select b, a = b as same from v order by id')).toEqual([
      { b: uuid, same: true },
      { b: expect.any(String), same: true },
    ]);
  });

  it.each([
    ['citext', `'Anna'`, `'anna'`],
    ['numeric', '1.0', '1.00'],
    ['json', `'{"a": 1}'`, `'{"a":1}'`],
  ])('bytes decide for %s', async (type, one, other) => {
    const table = `b_${type}`;
    await world.test.query(
      `create table ${table} (id int primary key, a ${type}); insert into ${table} values (1, ${one})`,
    );
    const operation = renameColumn(table, { table, from: 'a', to: 'b' });
    await world.run(operation, 'expand');
    expect(await world.pending(operation)).toBe(1);
    await world.run(operation, 'backfill');
    expect(await world.pending(operation)).toBe(0);
    await world.session.execute(`update ${table} set b = ${other}`);
    expect(await world.rows(`select a::text = ${other}::text as followed from ${table}`)).toEqual([
      { followed: true },
    ]);
  });

  it('fires on every partition, and by odd names', async () => {
    const table = 'Odd "Table" ' + 'x'.repeat(50);
    await world.test.query(`
      create table "${table.replaceAll('"', '""')}" (id int, "a b" text, primary key (id)) partition by range (id);
      create table p1 partition of "${table.replaceAll('"', '""')}" for values from (0) to (10)`);
    const operation = renameColumn('odd', { table: { name: table }, from: 'a b', to: 'select' });
    await world.run(operation, 'expand');
    await world.session.execute(`insert into p1 (id, "select") values (1, 'x')`);
    expect(await world.rows('select "a b" as a from p1')).toEqual([{ a: 'x' }]);
  });

  it('a row that was written past the trigger is found by verification', async () => {
    await world.test.query('create table bypass (id int primary key, a text)');
    const operation = renameColumn('bypass', { table: 'bypass', from: 'a', to: 'b' });
    await world.run(operation, 'expand');
    await world.test.query(
      `begin; set local session_replication_role = replica; insert into bypass values (1, 'x'); commit`,
    );
    await expect(world.run(operation, 'verify')).rejects.toThrow('1 rows are pending');
  });
});
