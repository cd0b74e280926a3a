import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { kinds, servers, type TestDatabase } from '../servers/index.js';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { Builds, readinessOf } from './builds.js';

const USERS = { tag: '0000_users', sql: 'create table users (id int primary key);' };

describe.each(kinds)('a replica on $name', ({ server, dialect }) => {
  const mysql = dialect === 'mysql';
  const instances = mysql ? 'migration_instances' : 'drizzle.migration_instances';
  let database: TestDatabase;
  let builds: Builds;

  beforeEach(async () => {
    database = await (await servers[server]()).createDatabase();
    builds = new Builds(dialect, database);
    await (await builds.of([USERS])).up();
  });
  afterEach(async () => {
    await builds.dispose();
    await database.drop();
  });

  /** Somebody changes every row, and leaves the transaction open. */
  const locked = async (statement: string): Promise<() => Promise<unknown>> => {
    if (mysql) {
      const connection = await createConnection(database.url);
      await connection.query('start transaction');
      await connection.query(statement);
      return () => connection.end();
    }
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`begin; ${statement}`);
    return () => client.end();
  };

  it('does without a registry that somebody has locked, and is never taken out by it', async () => {
    const replica = await builds.of([USERS]);
    expect(await readinessOf(replica)).toBe('up current');
    const release = await locked(`update ${instances} set state = 'locked'`);
    try {
      expect(await readinessOf(replica)).toMatch(/^degraded /);
      expect(await readinessOf(replica)).toBe('degraded unregistered');
      expect(await readinessOf(replica)).toBe('degraded unregistered');
    } finally {
      await release();
    }
  });
});

it('a replica that met a standby registers as soon as it is none any more', async () => {
  const database = await (await servers.postgres18()).createDatabase();
  const builds = new Builds('postgresql', database);
  try {
    await (await builds.of([USERS])).up();
    await database.query(`alter database ${database.name} set default_transaction_read_only = on`);
    const replica = await builds.of([USERS]);
    expect(await readinessOf(replica)).toBe('degraded unregistered');
    expect(await readinessOf(replica)).toBe('degraded unregistered');
    await database.query(
      `begin read write; alter database ${database.name} reset default_transaction_read_only; commit`,
    );
    expect(await readinessOf(replica)).toBe('up current');
  } finally {
    await builds.dispose();
    await database.drop();
  }
});
