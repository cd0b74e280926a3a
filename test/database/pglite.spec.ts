import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { createDatabase } from '../../src/database/create-database.js';
import { type Database, StatementError } from '../../src/database/database.js';
import { withTransaction } from '../../src/database/with-transaction.js';
import { CANARY, expectNoSecret, refusal, rejection } from './canary.js';

describe('sessions on PGlite', () => {
  let instance: PGlite;
  let database: Database;

  beforeAll(async () => {
    instance = new PGlite();
    await instance.exec('CREATE TABLE t (id int primary key, v text)');
    database = createDatabase({ dialect: 'postgresql', client: instance });
  });
  afterAll(() => instance.close());

  it('read and write as on a server', async () => {
    const session = await database.connect({ role: 'runner' });
    expect(session).toMatchObject({
      backendId: 'in-process',
      server: { flavour: 'pglite', readOnly: false },
    });
    expect(session.server.versionNumber).toBeGreaterThan(150_000);
    expect(
      await session.query(
        `SELECT $1::text AS a, 9007199254740993::bigint AS big, true AS yes, '{"a":1}'::jsonb AS j, '2026-01-02'::timestamptz::date AS d`,
        ["it's"],
      ),
    ).toEqual([{ a: "it's", big: '9007199254740993', yes: true, j: { a: 1 }, d: '2026-01-02' }]);
    expect(await session.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")).toEqual({
      rowCount: 2,
    });
    expect(await session.query('SET lock_timeout = 0; SELECT 1 AS n; SELECT 2 AS n')).toEqual([
      { n: 2 },
    ]);
    await session.execute('DELETE FROM t');
    await session.close();
    await refusal('SESSION_LOST', session.query('SELECT 1'));
  });

  it('tell a refused statement by facts alone', async () => {
    const session = await database.connect({ role: 'runner' });
    await session.query('INSERT INTO t VALUES ($1, $2)', [7, CANARY]);
    const error = await rejection(session.query('INSERT INTO t VALUES ($1, $2)', [7, CANARY]));
    expect(error).toBeInstanceOf(StatementError);
    expect(error).toMatchObject({ facts: { code: '23505' } });
    expectNoSecret(error);
    expect(await rejection(session.execute('SELECT * FROM nowhere'))).toMatchObject({
      kind: 'missing-table',
    });
    await session.execute('DELETE FROM t');
    await session.close();
  });

  it('work through Drizzle as well, and closing the database leaves the instance open', async () => {
    const wrapped = createDatabase({
      dialect: 'postgresql',
      client: drizzle({ client: instance }),
    });
    const session = await wrapped.connect({ role: 'reader' });
    expect(session.server.flavour).toBe('pglite');
    await session.close();
    await wrapped.close();
    expect(instance.closed).toBe(false);
  });

  it('keep others out of an open transaction, the application as well', async () => {
    const [one, two] = await Promise.all([
      database.connect({ role: 'runner' }),
      database.connect({ role: 'reader' }),
    ]);
    const order: string[] = [];
    await one.query('BEGIN; SET LOCAL lock_timeout = 500');
    await one.execute("INSERT INTO t VALUES (1, 'a')");
    const others = [
      two
        .query<{ n: string }>('SELECT count(*) AS n FROM t')
        .then(([row]) => order.push(`session ${row?.n}`)),
      instance
        .query<{ n: number }>('SELECT count(*) AS n FROM t')
        .then(({ rows }) => order.push(`app ${rows[0]?.n}`)),
    ];
    await one.query('SELECT 1');
    order.push('still open');
    await one.execute("INSERT INTO t VALUES (2, 'b'); COMMIT");
    await Promise.all(others);
    expect(order.sort()).toEqual(['app 2', 'session 2', 'still open']);
    await one.execute('DELETE FROM t');
    await Promise.all([one.close(), two.close()]);
  });

  it('roll back what rejects, what was read only, and what was open when they were closed', async () => {
    const session = await database.connect({ role: 'runner' });
    const failure = new Error('mine');
    await expect(
      withTransaction(session, {}, async () => {
        await session.execute("INSERT INTO t VALUES (1, 'a')");
        throw failure;
      }),
    ).rejects.toBe(failure);
    const denied = withTransaction(session, { readOnly: true }, () =>
      session.execute('DELETE FROM t'),
    );
    expect(await rejection(denied)).toMatchObject({ kind: 'read-only' });
    await session.query('START TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    expect(await session.query('SHOW transaction_isolation')).toEqual([
      { transaction_isolation: 'repeatable read' },
    ]);
    await session.execute("INSERT INTO t VALUES (1, 'a')");
    await session.close();

    const next = await database.connect({ role: 'runner' });
    expect(await next.query('SELECT * FROM t')).toEqual([]);
    await next.close();
  });

  it('a statement that fails inside a transaction is the one reported', async () => {
    const session = await database.connect({ role: 'runner' });
    const failing = withTransaction(session, {}, async () => {
      await session.execute('SELECT * FROM nowhere');
    });
    expect(await rejection(failing)).toMatchObject({ kind: 'missing-table' });
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await session.close();
  });
});

describe('PGlite in a directory', () => {
  it('is opened with the first session, shared, and closed with the database', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pglite-'));
    const dataDir = join(directory, 'data');
    try {
      const first = createDatabase({ dialect: 'postgresql', url: `pglite://${dataDir}` });
      expect(first.label).toBe(`pglite:${dataDir}`);
      const [one, two] = await Promise.all([
        first.connect({ role: 'runner' }),
        first.connect({ role: 'reader' }),
      ]);
      await one.execute('CREATE TABLE kept (id int)');
      expect(await two.query('SELECT * FROM kept')).toEqual([]);
      await first.close();
      await first.close();
      await refusal('SESSION_LOST', one.query('SELECT 1'));
      expect(existsSync(join(dataDir, 'PG_VERSION'))).toBe(true);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
