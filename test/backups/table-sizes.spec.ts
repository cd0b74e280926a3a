import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import { tableSizes } from '../../src/database/table-sizes.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';

describe.each(databases)('on $name', ({ server, dialect, flavour }) => {
  let database: TestDatabase;
  let session: Session;
  beforeAll(async () => {
    database = await (await servers[server]()).createDatabase();
    session = await createDatabase({ dialect, url: database.url }).connect({ role: 'runner' });
  });
  afterAll(async () => {
    await session.close();
    await database.drop();
  });

  const names = async (
    kind: 'table' | 'schema' | 'type',
    name: string,
    schema: string | null = null,
  ): Promise<readonly string[]> =>
    (await tableSizes(session, [{ kind, schema, name }])).map((table) => table.name);

  it('counts what a table holds, by figures of now', async () => {
    await database.query('create table big (id int primary key, words varchar(4000))');
    const [empty] = await tableSizes(session, [{ kind: 'table', schema: null, name: 'big' }]);
    const values = Array.from({ length: 50 }, (_, id) => `(${id}, '${'word '.repeat(800)}')`);
    await database.query(`insert into big (id, words) values ${values.join(', ')}`);
    if (dialect === 'mysql') await database.query('analyze table big');
    const [full] = await tableSizes(session, [{ kind: 'table', schema: null, name: 'big' }]);
    expect(full?.bytes).toBeGreaterThan(empty?.bytes ?? Infinity);
    expect(await names('table', 'absent')).toEqual([]);
  });

  it('knows the tables of a schema, and a table in another', async () => {
    const other = dialect === 'mysql' ? database.name : 's';
    if (dialect === 'postgresql') await database.query('create schema s');
    await database.query(
      `create table ${other}.one (id int); create table ${other}.two (id int); create view ${other}.v as select 1 as x`,
    );
    const all = await names('schema', other);
    expect(all.filter((name) => name !== 'big')).toEqual(['one', 'two']);
    expect(await names('table', 'one', other)).toEqual(['one']);
    // Of another schema it is found by its schema alone.
    expect(await names('table', 'one')).toEqual(dialect === 'mysql' ? ['one'] : []);
  });

  if (flavour === 'postgresql') {
    it('counts partitions, heirs, sequences and tables with columns of a type', async () => {
      await database.query(
        `create table p (id int) partition by range (id); create table p1 partition of p for values from (0) to (9);
         create table heir () inherits (big); create sequence n;
         create type mood as enum ('ok'); create table m (a mood); create table ms (a mood[])`,
      );
      expect(await names('table', 'p')).toEqual(['p', 'p1']);
      expect(await names('table', 'big')).toEqual(['big', 'heir']);
      expect(await names('table', 'n')).toEqual(['n']);
      expect(await names('type', 'mood')).toEqual(['m', 'ms']);
    });
  }
});
