import { randomBytes } from 'node:crypto';
import type { QueryResult } from 'pg';
import {
  type AdminQueries,
  type DatabaseServer,
  type TestDatabase,
  urlWith,
} from './database-server.js';

/** The server behind an administrator's URL, whoever started it. */
export function postgresServer(url: string): DatabaseServer {
  return {
    dialect: 'postgresql',
    flavour: 'postgresql',
    ...adminQueries(url),
    createDatabase: () => createDatabase(url),
  };
}

async function createDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await query(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  return {
    name,
    ...adminQueries(urlWith(serverUrl, { database: name })),
    drop: async () => {
      await query(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

function adminQueries(url: string): AdminQueries {
  return {
    url,
    query: (sql, params) => query(url, sql, params),
    createUser: async (grants) => {
      const name = `user_${randomBytes(6).toString('hex')}`;
      const password = randomBytes(9).toString('hex');
      await query(url, `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
      for (const grant of grants?.(name) ?? []) await query(url, grant);
      return {
        name,
        password,
        url: urlWith(url, { user: name, password }),
        drop: async () => {
          await query(url, `DROP OWNED BY ${name} CASCADE`);
          await query(url, `DROP ROLE ${name}`);
        },
      };
    },
  };
}

async function query<Row extends object>(
  url: string,
  sql: string,
  params?: readonly unknown[],
): Promise<Row[]> {
  // Loaded late: the broker starts servers without ever talking to them.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, application_name: 'test-admin' });
  await client.connect();
  try {
    // Several statements give an array of results; the last one counts.
    const result: QueryResult<Row> | QueryResult<Row>[] =
      params === undefined
        ? await client.query<Row>(sql)
        : await client.query<Row>(sql, [...params]);
    return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
  } finally {
    await client.end();
  }
}
