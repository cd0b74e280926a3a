import { randomBytes } from 'node:crypto';
import { type AdminQueries, type DatabaseServer, urlWith } from './database-server.js';

/** The server behind an administrator's URL, whoever started it. */
export function mysqlServer(url: string, flavour: 'mysql' | 'mariadb'): DatabaseServer {
  return {
    dialect: 'mysql',
    flavour,
    ...adminQueries(url),
    createDatabase: async () => {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await query(url, `CREATE DATABASE ${name}`);
      return {
        name,
        ...adminQueries(urlWith(url, { database: name })),
        drop: () => dropDatabase(url, name),
      };
    },
  };
}

/** A session that still holds a metadata lock would keep DROP DATABASE waiting for ever. */
async function dropDatabase(url: string, name: string): Promise<void> {
  const holders = await query<{ id: number }>(
    url,
    'SELECT id AS id FROM information_schema.processlist WHERE db = ?',
    [name],
  );
  for (const { id } of holders) {
    await query(url, `KILL ${id}`).catch((error: unknown) => {
      if ((error as { errno?: number }).errno !== 1094) throw error; // ER_NO_SUCH_THREAD: it left by itself
    });
  }
  await query(url, `DROP DATABASE IF EXISTS ${name}`);
}

function adminQueries(url: string): AdminQueries {
  return {
    url,
    query: (sql, params) => query(url, sql, params),
    createUser: async (grants) => {
      const name = `user_${randomBytes(6).toString('hex')}`;
      const password = randomBytes(9).toString('hex');
      const account = `'${name}'@'%'`;
      await query(url, `CREATE USER ${account} IDENTIFIED BY '${password}'`);
      for (const grant of grants?.(account) ?? []) await query(url, grant);
      return {
        name,
        password,
        url: urlWith(url, { user: name, password }),
        drop: async () => {
          await query(url, `DROP USER ${account}`);
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
  const { default: mysql } = await import('mysql2/promise');
  const connection = await mysql.createConnection({ uri: url, multipleStatements: true });
  try {
    const [result] = await connection.query(sql, params === undefined ? undefined : [...params]);
    if (!Array.isArray(result)) return []; // a single statement without rows
    // Several statements give an array of results; the last one counts.
    const last: unknown = result.length > 0 && result.every(isResult) ? result.at(-1) : result;
    return Array.isArray(last) ? (last as Row[]) : [];
  } finally {
    await connection.end();
  }
}

function isResult(item: unknown): boolean {
  return Array.isArray(item) || (item as object).constructor.name === 'ResultSetHeader';
}
