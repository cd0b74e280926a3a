import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import { changeColumnType } from '../../src/operations/change-column-type.js';
import { renameColumn } from '../../src/operations/rename-column.js';
import { tightenCheck } from '../../src/operations/tighten-check.js';
import { tightenForeignKey } from '../../src/operations/tighten-foreign-key.js';
import { tightenNotNull } from '../../src/operations/tighten-not-null.js';
import { tightenUnique } from '../../src/operations/tighten-unique.js';
import { POSTGRES, PostgresWorld } from './postgres-world.js';

describe.each(POSTGRES)('what goes on in a table on %s', (server) => {
  let world: PostgresWorld;
  beforeAll(async () => void (world = await PostgresWorld.open(server)));
  afterAll(() => world.close());
  beforeEach(() => world.test.query('drop schema public cascade; create schema public'));

  const one = async (sql: string): Promise<unknown> =>
    Object.values((await world.rows(sql))[0] ?? {})[0];

  describe('while a column is made NOT NULL', () => {
    const operation = tightenNotNull('nn', {
      table: 't',
      column: 'mail',
      repair: { mail: `name || '@none'` },
    });
    beforeEach(async () => {
      await world.test.query(
        `create table t (id int primary key, name text, mail text); insert into t values (1, 'ada', null), (2, 'bea', 'b')`,
      );
      await world.run(operation, 'expand');
    });

    it('old versions go on writing NULL, and rows that violate can be updated', async () => {
      await world.session.execute(`insert into t (id, name) values (3, 'cid')`);
      await world.session.execute(`update t set name = 'eve' where id = 1`);
      await world.session.execute(`update t set mail = null where id = 2`);
      expect(await world.rows('select mail from t order by id')).toEqual([
        { mail: 'eve@none' },
        { mail: 'bea@none' },
        { mail: 'cid@none' },
      ]);
    });

    it('promotion neither rewrites nor scans, and old versions are refused from then on', async () => {
      await world.run(operation, 'backfill');
      await world.run(operation, 'verify');
      const file = await one(`select pg_relation_filenode('t')`);
      await world.run(operation, 'contract', 'alter table t alter column mail set not null');
      expect(await one(`select pg_relation_filenode('t')`)).toBe(file);
      expect(await world.refusal(`insert into t (id, name) values (3, 'cid')`)).toBe('23502');
    });

    it('a repair that does not repair is found, not promoted', async () => {
      const idle = tightenNotNull('nn', { table: 't', column: 'mail', repair: { name: `'x'` } });
      await world.undo(operation);
      await world.run(idle, 'expand');
      expect(await world.pending(idle)).toBe(1);
      await expect(world.run(idle, 'verify')).rejects.toThrow('1 rows are pending');
    });
  });

  it('a CHECK is held against new rows from expand on, NULL passes, and the repairing trigger is gone after verify', async () => {
    await world.test.query(
      'create table t (id int primary key, n int); insert into t values (1, -1), (2, null), (3, 3)',
    );
    const operation = tightenCheck('ck', {
      table: 't',
      constraint: 'pos',
      expression: 'n > 0',
      repair: { n: 'abs(n)' },
    });
    await world.run(operation, 'expand');
    await world.session.execute('insert into t values (4, -4)');
    expect(await world.pending(operation)).toBe(1);
    await world.run(operation, 'backfill');
    await world.run(operation, 'verify');
    expect(await world.rows('select n from t order by id')).toEqual([
      { n: 1 },
      { n: null },
      { n: 3 },
      { n: 4 },
    ]);
    expect(await world.refusal('insert into t values (5, -5)')).toBe('23514');
  });

  it('orphans are counted, a new one is refused from expand on, and only orphans are repaired', async () => {
    await world.test.query(`create table o (id int primary key); insert into o values (1);
      create table t (id int primary key, o_id int); insert into t values (1, 1), (2, 2), (3, null)`);
    const operation = tightenForeignKey('fk', {
      table: 't',
      constraint: 'fk',
      columns: ['o_id'],
      references: { table: 'o', columns: ['id'] },
      repair: { o_id: 'null' },
    });
    await world.run(operation, 'expand');
    expect(await world.pending(operation)).toBe(1);
    expect(await world.refusal('insert into t values (4, 4)')).toBe('23503');
    await world.run(operation, 'backfill');
    await world.run(operation, 'verify');
    expect(await world.rows('select o_id from t order by id')).toEqual([
      { o_id: 1 },
      { o_id: null },
      { o_id: null },
    ]);
  });

  describe('while columns are made unique', () => {
    const operation = tightenUnique('uq', { table: 't', constraint: 'uq', columns: ['mail'] });
    const CONTRACT = 'alter table t add constraint uq unique (mail)';
    beforeEach(() =>
      world.test.query(
        `create table t (id int primary key, mail text); insert into t values (1, 'a'), (2, 'a'), (3, null), (4, null)`,
      ),
    );

    it('duplicates are counted and named by key', async () => {
      expect(await world.pending(operation)).toBe(1);
      const { violations } = await world.recipe(operation);
      expect(await world.rows(violations?.sample ?? '')).toEqual([{ id: 1 }, { id: 2 }]);
    });

    it('the build waits for an open transaction without keeping writers off', async () => {
      await world.session.execute('delete from t where id = 2');
      const connect = () =>
        createDatabase({ dialect: 'postgresql', url: world.test.url }).connect({ role: 'runner' });
      const [holder, writer] = [await connect(), await connect()];
      await holder.query('begin');
      await holder.execute(`insert into t values (5, 'e')`);
      const built = world.run(operation, 'contract', CONTRACT);
      const waits = `select array_agg(l.mode) as modes from pg_locks l join pg_stat_activity a using (pid)
        where l.relation = 't'::regclass and a.wait_event_type = 'Lock' and l.pid = ${world.session.backendId}`;
      let modes: readonly string[] | null = null;
      for (const until = performance.now() + 10_000; modes === null && performance.now() < until;)
        modes = (await writer.query<{ modes: readonly string[] | null }>(waits))[0]?.modes ?? null;
      expect(modes).toEqual(['ShareUpdateExclusiveLock']);
      await writer.execute(`insert into t values (6, 'f')`);
      await holder.query('commit');
      await built;
      await Promise.all([holder.close(), writer.close()]);
      expect((await world.facts(operation)).indexes).toContainEqual(
        expect.objectContaining({ name: 'uq', valid: true }),
      );
    });

    it('what a failed build left is not taken for the index', async () => {
      await expect(world.run(operation, 'contract', CONTRACT)).rejects.toMatchObject({
        facts: { code: '23505' },
      });
      expect((await world.facts(operation)).indexes).toContainEqual(
        expect.objectContaining({ valid: false }),
      );
      await world.session.execute('delete from t where id = 2');
      await world.run(operation, 'contract', CONTRACT);
      expect((await world.facts(operation)).indexes).toMatchObject([
        { name: 't_pkey' },
        { name: 'uq', constraint: 'uq', valid: true },
      ]);
    });
  });

  describe('while a column changes its type', () => {
    const operation = changeColumnType('ct', {
      table: 't',
      column: 'n',
      to: 'numeric(10,2)',
      up: '{value}',
      down: 'trunc({value})',
    });
    beforeEach(async () => {
      await world.test.query(
        'create table t (id int primary key, n int not null, other int); insert into t values (1, 1), (2, 2)',
      );
      await world.run(operation, 'expand');
    });

    it('both columns follow each other, and what the old one cannot hold is not overwritten', async () => {
      await world.session.execute('update t set n__new = 1.23 where id = 1');
      await world.session.execute('insert into t (id, n) values (3, 3)');
      await world.session.execute('insert into t (id, n__new) values (4, 4.56)');
      await world.run(operation, 'backfill');
      await world.session.execute('update t set other = 1');
      expect(await world.rows('select n, n__new from t order by id')).toEqual([
        { n: 1, n__new: '1.23' },
        { n: 2, n__new: '2.00' },
        { n: 3, n__new: '3.00' },
        { n: 4, n__new: '4.56' },
      ]);
      expect(await world.pending(operation)).toBe(0);
    });

    it('a text that the new type would cut is refused, not cut', async () => {
      await world.test.query(
        `create table w (id int primary key, a text); insert into w values (1, 'long')`,
      );
      const shorter = changeColumnType('short', { table: 'w', column: 'a', to: 'varchar(3)' });
      await world.run(shorter, 'expand');
      await expect(world.run(shorter, 'backfill')).rejects.toMatchObject({
        facts: { code: '22001' },
      });
    });

    it('text to integer, with an index that is built after the rows', async () => {
      await world.test.query(
        `create table w (id int primary key, a text default '0'); create index w_a on w (a, id); insert into w values (1, '17')`,
      );
      const number = changeColumnType('int', { table: 'w', column: 'a', to: 'integer' });
      await world.run(number, 'expand');
      await world.run(number, 'backfill');
      await world.run(number, 'verify');
      await world.run(
        number,
        'contract',
        'alter table w alter column a set data type integer using a::integer',
      );
      await world.session.execute('insert into w (id) values (2)');
      expect(await world.rows('select a from w order by id')).toEqual([{ a: 17 }, { a: 0 }]);
      expect(
        (await world.facts(number)).indexes.map(({ name, columns }) => [name, columns]),
      ).toEqual([
        ['w_a', ['a', 'id']],
        ['w_pkey', ['id']],
      ]);
    });
  });

  it('a default that the new type does not take is refused at expand, and nothing is left', async () => {
    await world.test.query(`create table t (id int primary key, a text default 'none')`);
    const operation = changeColumnType('ct', { table: 't', column: 'a', to: 'integer' });
    await expect(world.run(operation, 'expand')).rejects.toMatchObject({
      facts: { code: '22P02' },
    });
    const facts = await world.facts(operation);
    expect([facts.columns.length, facts.functions]).toEqual([2, []]);
  });

  it('a rename that a crash cut off between statements left nothing, and one that committed is not begun again', async () => {
    await world.test.query(
      `create table t (id int primary key, a text); insert into t values (1, 'x')`,
    );
    const operation = renameColumn('rn', { table: 't', from: 'a', to: 'b' });
    const { expand } = await world.recipe(operation);
    await world.session.query('begin');
    await world.session.execute(expand[0]?.statements[0] ?? '');
    await world.session.query('rollback');
    expect(expand[0]?.isDone(await world.facts(operation))).toBe(false);
    await world.run(operation, 'expand');
    const again = await world.recipe(operation);
    expect(again.expand[0]?.isDone(await world.facts(operation))).toBe(true);
    expect(again.blockers).toEqual([]);
    await world.run(operation, 'contract');
    const after = await world.recipe(operation, 'contract');
    expect(after).toMatchObject({ blockers: [], rows: null });
    expect(after.contract[0]?.isDone(await world.facts(operation))).toBe(true);
  });

  it('a column of that name that is not ours survives undo', async () => {
    await world.test.query('create table t (id int primary key, a text, b text)');
    const operation = renameColumn('rn', { table: 't', from: 'a', to: 'b' });
    await world.undo(operation);
    expect((await world.facts(operation)).columns.map(({ name }) => name)).toEqual([
      'id',
      'a',
      'b',
    ]);
  });

  it('a writer of the old version between backfill and contract waits and then succeeds or is refused, but is never lost', async () => {
    await world.test.query(
      `create table t (id int primary key, a text); insert into t values (1, 'x')`,
    );
    const operation = renameColumn('rn', { table: 't', from: 'a', to: 'b' });
    await world.run(operation, 'expand');
    await world.run(operation, 'backfill');
    const writer = await createDatabase({ dialect: 'postgresql', url: world.test.url }).connect({
      role: 'runner',
    });
    await world.session.query('begin');
    const [swap] = (await world.recipe(operation, 'contract')).contract;
    for (const sql of swap?.statements ?? []) await world.session.execute(sql);
    const written = writer.execute(`update t set b = 'y' where id = 1`).then(
      () => 'written',
      () => 'refused',
    );
    await world.session.query('commit');
    expect(await written).toBe('written');
    expect(await one('select b from t')).toBe('y');
    await writer.close();
  });
});
