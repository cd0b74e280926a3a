import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changeColumnType } from '../../src/index.js';
import { kinds } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

describe.each(kinds)('a row that the backfill passed over, on $name', ({ server, dialect }) => {
  const mysql = dialect === 'mysql';
  const toNumber = changeColumnType('numbers', {
    table: 't',
    column: 'v',
    to: mysql ? 'int' : 'integer',
    backfill: { onBadRow: 'skip' },
  });
  let world: MigratorWorld;

  beforeEach(async () => {
    world = await migratorWorld(server, [
      { tag: '0000_t', sql: 'create table t (id int primary key, v varchar(20))' },
    ]);
    await world.migrator({ operations: [toNumber] }).up();
    const rows = Array.from({ length: 200 }, (_, id) => `(${id}, '${id === 77 ? 'abc' : id}')`);
    await world.database.query(`insert into t values ${rows.join(', ')}`);
    const change = mysql
      ? 'alter table t modify column v int'
      : 'alter table t alter column v set data type integer using v::integer';
    await world.journal.add(
      {
        tag: '0001_begin',
        sql: 'select 1;\n-- @operation numbers expand\n-- @operation numbers backfill',
      },
      { tag: '0002_verify', sql: 'select 1;\n-- @operation numbers verify' },
      { tag: '0003_end', sql: `-- @operation numbers contract\n${change}` },
    );
  });
  afterEach(() => world.close());

  const value = async (): Promise<unknown> => {
    const [row] = await world.database.query<{ v: unknown }>('select v from t where id = 77');
    return row?.v;
  };
  const up = () => world.migrator({ operations: [toNumber] }).up();

  it('stops verify and contract, by its key, until somebody mends it', async () => {
    await expect(up()).rejects.toMatchObject({
      code: 'ROWS_IN_THE_WAY',
      place: { migration: '0002_verify' },
      message: expect.stringContaining('(77)'),
    });
    expect(await value()).toBe('abc');
    await expect(up()).rejects.toMatchObject({ code: 'ROWS_IN_THE_WAY' });
    expect(await value()).toBe('abc');
    await world.database.query(`update t set v = '78' where id = 77`);
    expect((await up()).applied).toMatchObject([{ tag: '0002_verify' }, { tag: '0003_end' }]);
    expect(Number(await value())).toBe(78);
  });
});
