import { expect, it } from '@jest/globals';
import pg from 'pg';
import { servers, type TestDatabase } from './index.js';

/** The backends that two clients of one URL see, the second one while the first is idle. */
async function backendsSeen(url: string): Promise<readonly (number | undefined)[]> {
  const [one, other] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([one.connect(), other.connect()]);
  try {
    const pids: (number | undefined)[] = [];
    for (const client of [one, other]) {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      pids.push(rows[0]?.pid);
    }
    return pids;
  } finally {
    await Promise.all([one.end(), other.end()]);
  }
}

async function withDatabase(use: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await (await servers.postgres18()).createDatabase();
  try {
    await use(database);
  } finally {
    await database.drop();
  }
}

it('transaction mode lets two idle clients share one backend', () =>
  withDatabase(async (database) => {
    const pooler = await servers.pgbouncer('transaction');
    const [one, other] = await backendsSeen(pooler.through(database.url));
    expect(one).toEqual(expect.any(Number));
    expect(other).toBe(one);
  }));

it('session mode keeps a backend for each client', () =>
  withDatabase(async (database) => {
    const pooler = await servers.pgbouncer('session');
    const [one, other] = await backendsSeen(pooler.through(database.url));
    expect(one).toEqual(expect.any(Number));
    expect(other).not.toBe(one);
  }));

it('users that a test makes can pass the pooler', () =>
  withDatabase(async (database) => {
    const pooler = await servers.pgbouncer('transaction');
    const user = await database.createUser();
    const client = new pg.Client(pooler.through(user.url));
    await client.connect();
    const { rows } = await client.query('SELECT current_user AS name');
    await client.end();
    expect(rows).toEqual([{ name: user.name }]);
  }));
