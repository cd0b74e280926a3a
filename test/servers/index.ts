/**
 * Real servers for specs. Shared ones are started by the test run when the first spec asks for them and stopped with the run; each test
 * makes its own database on them. Private ones belong to the spec, which may kill, pause and restart them.
 *
 *     import { databases, servers, startPostgres } from '../servers/index.js';
 *
 *     describe.each(databases)('$name', ({ server }) => {          // all four versions
 *       let database: TestDatabase;
 *       beforeAll(async () => { database = await (await servers[server]()).createDatabase(); });
 *       afterAll(() => database.drop());
 *       it('...', async () => {
 *         await database.query('SELECT 1 AS one');                  // as administrator
 *         const user = await database.createUser((name) => [`GRANT SELECT ON t TO ${name}`]);
 *         use(database.url, user.url);
 *       });
 *     });
 *
 *     const server = await startPostgres({ version: 15 });          // private: pid, kill(), pause(), resume(), restart()
 *     await server.stop();
 *
 *     const [one, two, three] = await servers.redis();              // URLs
 *     const pooled = (await servers.pgbouncer('transaction')).through(database.url);
 */
import { askBroker, type SharedServer } from './broker-client.js';
import type { DatabaseServer } from './database-server.js';
import { mysqlServer } from './mysql-admin.js';
import { postgresServer } from './postgres-admin.js';

export type { AdminQueries, DatabaseServer, TestDatabase, TestUser } from './database-server.js';
export type { ManagedServer } from './managed-server.js';
export { startMariaDb } from './mariadb.js';
export { type MySqlOptions, startMySql } from './mysql.js';
export { type PostgresOptions, startPostgres } from './postgres.js';

/** The servers that a test run shares. An address in the environment (TEST_POSTGRES_URL, ...) wins over a server of our own. */
export const servers = {
  postgres18: async (): Promise<DatabaseServer> =>
    postgresServer(await sharedUrl('postgres18', 'TEST_POSTGRES_URL')),
  postgres15: async (): Promise<DatabaseServer> =>
    postgresServer(await sharedUrl('postgres15', 'TEST_POSTGRES15_URL')),
  mysql: async (): Promise<DatabaseServer> =>
    mysqlServer(await sharedUrl('mysql', 'TEST_MYSQL_URL'), 'mysql'),
  mariadb: async (): Promise<DatabaseServer> =>
    mysqlServer(await sharedUrl('mariadb', 'TEST_MARIADB_URL'), 'mariadb'),
} as const;

/** The database versions that every behaviour must hold on. */
export const databases = [
  { name: 'Postgres 18', server: 'postgres18', dialect: 'postgresql', flavour: 'postgresql' },
  { name: 'Postgres 15', server: 'postgres15', dialect: 'postgresql', flavour: 'postgresql' },
  { name: 'MySQL 9.7', server: 'mysql', dialect: 'mysql', flavour: 'mysql' },
  { name: 'MariaDB 10.11', server: 'mariadb', dialect: 'mysql', flavour: 'mariadb' },
] as const;

async function sharedUrl(server: SharedServer, variable: string): Promise<string> {
  const [url] = [process.env[variable] ?? (await askBroker(server))].flat();
  if (url === undefined) throw new Error(`${server} has no address`);
  return url;
}
