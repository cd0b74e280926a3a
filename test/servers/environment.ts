import type { SharedServer } from './broker-client.js';

/**
 * The variable that names a running server instead of one of our own. The broker is not asked for such a server at all.
 * Several addresses (Redis) are separated by commas.
 */
export const serverVariables: Readonly<Record<SharedServer, string>> = {
  postgres18: 'TEST_POSTGRES_URL',
  postgres15: 'TEST_POSTGRES15_URL',
  mysql: 'TEST_MYSQL_URL',
  mariadb: 'TEST_MARIADB_URL',
  redis: 'TEST_REDIS_URLS',
  'pgbouncer-transaction-postgres18': 'TEST_PGBOUNCER_TRANSACTION_URL',
  'pgbouncer-session-postgres18': 'TEST_PGBOUNCER_SESSION_URL',
  'pgbouncer-transaction-postgres15': 'TEST_PGBOUNCER15_TRANSACTION_URL',
  'pgbouncer-session-postgres15': 'TEST_PGBOUNCER15_SESSION_URL',
};

/** The addresses of a server that the environment names; undefined when the run has to start its own. */
export function urlsFromEnvironment(server: SharedServer): readonly string[] | undefined {
  const value = process.env[serverVariables[server]];
  return value === undefined || value === '' ? undefined : value.split(',');
}
