import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres';
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2';
import { drizzle as drizzleNeon } from 'drizzle-orm/pg-proxy';
import { drizzle as drizzlePgRc } from 'drizzle-orm-rc/node-postgres';
import { drizzle as drizzleMysqlRc } from 'drizzle-orm-rc/mysql2';
import mysql from 'mysql2';
import mysqlPromise from 'mysql2/promise';
import pg from 'pg';
import { createDatabase } from '../../src/database/create-database.js';
import { servers, type TestDatabase, type TestUser } from '../servers/index.js';
import { refusal } from './canary.js';

/** Connects both roles with nothing but the client, and says as whom. */
async function usersOf(dialect: 'postgresql' | 'mysql', client: unknown): Promise<string[]> {
  const database = createDatabase({ dialect, client });
  const users = [];
  for (const role of ['runner', 'reader'] as const) {
    const session = await database.connect({ role });
    users.push(`${session.server.user.split('@')[0]} ${session.server.database}`);
    await session.close();
  }
  return users;
}

describe('settings of an existing Postgres client', () => {
  let test: TestDatabase;
  let user: TestUser;
  let expected: string[];
  const opened: Array<{ end(): Promise<unknown> }> = [];

  function pool(config: pg.PoolConfig): pg.Pool {
    const made = new pg.Pool(config);
    opened.push(made);
    return made;
  }

  function parts() {
    const { hostname, port } = new URL(test.url);
    return {
      host: hostname,
      port: Number(port),
      database: test.name,
      user: user.name,
      password: user.password,
    };
  }

  beforeAll(async () => {
    test = await (await servers.postgres18()).createDatabase();
    user = await test.createUser();
    expected = Array(2).fill(`${user.name} ${test.name}`);
  });
  afterAll(async () => {
    await Promise.all(opened.map((client) => client.end()));
    await user.drop();
    await test.drop();
  });

  it('pool by parts, with its hidden password and its time-outs left out', async () => {
    expect(
      await usersOf(
        'postgresql',
        pool({ ...parts(), statement_timeout: 1, query_timeout: 60_000 }),
      ),
    ).toEqual(expected);
  });

  it('pool by connection string', async () => {
    expect(await usersOf('postgresql', pool({ connectionString: user.url }))).toEqual(expected);
  });

  it('pool with an async password', async () => {
    expect(
      await usersOf('postgresql', pool({ ...parts(), password: async () => user.password })),
    ).toEqual(expected);
  });

  it('pool of size 1 that is exhausted', async () => {
    const small = pool({ ...parts(), max: 1 });
    const held = await small.connect();
    expect(await usersOf('postgresql', small)).toEqual(expected);
    held.release();
  });

  it('client', async () => {
    expect(await usersOf('postgresql', new pg.Client(parts()))).toEqual(expected);
  });

  it('Drizzle database, 0.45 and 1.0-rc', async () => {
    expect(await usersOf('postgresql', drizzlePg(pool(parts())))).toEqual(expected);
    expect(await usersOf('postgresql', drizzlePg({ client: pool(parts()) }))).toEqual(expected);
    expect(await usersOf('postgresql', drizzlePgRc({ client: pool(parts()) }))).toEqual(expected);
  });

  it('what the pool does with new connections is done with the runner', async () => {
    const hooked = pool(parts());
    hooked.on('connect', (client) => void client.query('SET search_path = from_the_pool'));
    const session = await createDatabase({ dialect: 'postgresql', client: hooked }).connect({
      role: 'runner',
    });
    expect(await session.query('SHOW search_path')).toEqual([{ search_path: 'from_the_pool' }]);
    await session.close();
  });

  it('migrationUrl wins over the client for the runner', async () => {
    const database = createDatabase({
      dialect: 'postgresql',
      client: pool(parts()),
      migrationUrl: test.url,
    });
    const session = await database.connect({ role: 'runner' });
    expect(session.server.user).toBe('postgres');
    await session.close();
  });

  it('a client that holds none is refused, with its kind', async () => {
    const proxied = drizzleNeon(async () => ({ rows: [] }));
    const error = await refusal('CONFIGURATION', usersOf('postgresql', proxied));
    expect(error.message).toContain('PgRemoteDatabase');
    await drizzlePg(pool(parts())).transaction(async (tx) => {
      expect(await refusal('CONFIGURATION', usersOf('postgresql', tx))).toMatchObject({
        code: 'CONFIGURATION',
      });
    });
    for (const client of [{}, 'postgres', 42, () => {}, []]) {
      expect(await refusal('CONFIGURATION', usersOf('postgresql', client))).toMatchObject({
        code: 'CONFIGURATION',
      });
    }
  });

  it('a client of the other dialect is refused', async () => {
    expect(await refusal('WRONG_DIALECT', usersOf('mysql', pool(parts())))).toMatchObject({
      code: 'WRONG_DIALECT',
    });
  });
});

describe.each(['mysql', 'mariadb'] as const)('settings of an existing client of %s', (server) => {
  let test: TestDatabase;
  let user: TestUser;
  let expected: string[];
  const opened: Array<() => unknown> = [];

  beforeAll(async () => {
    test = await (await servers[server]()).createDatabase();
    user = await test.createUser((name) => [`GRANT SELECT ON ${test.name}.* TO ${name}`]);
    expected = Array(2).fill(`${user.name} ${test.name}`);
  });
  afterAll(async () => {
    for (const end of opened) await end();
    await user.drop();
    await test.drop();
  });

  it('pools and connections, callback and promise', async () => {
    const callback = mysql.createPool({
      uri: user.url,
      connectionLimit: 1,
      rowsAsArray: true,
      namedPlaceholders: true,
    });
    const promise = mysqlPromise.createPool(user.url);
    const connection = await mysqlPromise.createConnection(user.url);
    opened.push(
      () => promise.end(),
      () => connection.end(),
      () => callback.promise().end(),
    );
    const held = await callback.promise().getConnection();
    expect(await usersOf('mysql', callback)).toEqual(expected);
    held.release();
    expect(await usersOf('mysql', promise)).toEqual(expected);
    expect(await usersOf('mysql', connection)).toEqual(expected);
  });

  it('Drizzle databases, 0.45 and 1.0-rc', async () => {
    const pool = mysqlPromise.createPool(user.url);
    opened.push(() => pool.end());
    expect(await usersOf('mysql', drizzleMysql({ client: pool }))).toEqual(expected);
    expect(await usersOf('mysql', drizzleMysqlRc({ client: pool }))).toEqual(expected);
  });

  it('what the pool does with new connections is done with the runner', async () => {
    const pool = mysql.createPool(user.url);
    opened.push(() => pool.promise().end());
    pool.on('connection', (connection) => connection.query("SET time_zone = '+07:00'"));
    const session = await createDatabase({ dialect: 'mysql', client: pool }).connect({
      role: 'runner',
    });
    expect(await session.query('SELECT @@time_zone AS zone')).toEqual([{ zone: '+07:00' }]);
    await session.close();
  });
});
