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
import { urlsFromEnvironment } from './environment.js';
import { mysqlServer } from './mysql-admin.js';
import { type PgBouncerServer, pgBouncerServer, type PoolMode } from './pgbouncer.js';
import { postgresServer } from './postgres-admin.js';

export type { AdminQueries, DatabaseServer, TestDatabase, TestUser } from './database-server.js';
export type { ManagedServer } from './managed-server.js';
export { startMariaDb } from './mariadb.js';
export { type MySqlOptions, startMySql } from './mysql.js';
export { type PgBouncerOptions, type PgBouncerServer, startPgBouncer } from './pgbouncer.js';
export { type PostgresOptions, startPostgres } from './postgres.js';
export { type RedisOptions, type RedisServer, startRedis } from './redis.js';

/** The servers that a test run shares. An address in the environment (`TEST_POSTGRES_URL`, ...) wins over a server of our own. */
export const servers = {
  postgres18: async (): Promise<DatabaseServer> => postgresServer(await sharedUrl('postgres18')),
  postgres15: async (): Promise<DatabaseServer> => postgresServer(await sharedUrl('postgres15')),
  mysql: async (): Promise<DatabaseServer> => mysqlServer(await sharedUrl('mysql'), 'mysql'),
  mariadb: async (): Promise<DatabaseServer> => mysqlServer(await sharedUrl('mariadb'), 'mariadb'),
  /** The URLs of three independent Redis servers. Keys are shared by all specs: choose your own. */
  redis: async (): Promise<readonly [string, string, string]> => {
    const [one, two, three] = await sharedUrls('redis');
    if (one === undefined || two === undefined || three === undefined) {
      throw new Error('Three Redis servers are needed: TEST_REDIS_URLS=url,url,url');
    }
    return [one, two, three];
  },
  /** A PgBouncer in front of a shared Postgres. */
  pgbouncer: async (
    mode: PoolMode,
    target: 'postgres18' | 'postgres15' = 'postgres18',
  ): Promise<PgBouncerServer> => pgBouncerServer(await sharedUrl(`pgbouncer-${mode}-${target}`)),
} as const;

/** The database versions that every behaviour must hold on. */
export const databases = [
  { name: 'Postgres 18', server: 'postgres18', dialect: 'postgresql', flavour: 'postgresql' },
  { name: 'Postgres 15', server: 'postgres15', dialect: 'postgresql', flavour: 'postgresql' },
  { name: 'MySQL 9.7', server: 'mysql', dialect: 'mysql', flavour: 'mysql' },
  { name: 'MariaDB 10.11', server: 'mariadb', dialect: 'mysql', flavour: 'mariadb' },
] as const;

/**
 * One version of each kind, for behaviour that is the library's own and not a version's: a quarter less to wait for at every change.
 * `npm run test:versions` has them all.
 */
export const kinds: readonly (typeof databases)[number][] =
  process.env['TEST_EVERY_VERSION'] === 'yes'
    ? databases
    : databases.filter(({ server }) => server !== 'postgres15');

async function sharedUrl(server: SharedServer): Promise<string> {
  const [url] = await sharedUrls(server);
  if (url === undefined) throw new Error(`${server} has no address`);
  return url;
}

async function sharedUrls(server: SharedServer): Promise<readonly string[]> {
  return urlsFromEnvironment(server) ?? (await askBroker(server));
}
