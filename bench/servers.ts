import { type DatabaseServer, startPostgres } from '../test/servers/index.js';
import type { ManagedServer } from '../test/servers/managed-server.js';
import { startMariaDb } from '../test/servers/mariadb.js';
import { startMySql } from '../test/servers/mysql.js';

/** The servers that benches run on. */
export type BenchServer = 'Postgres 18' | 'MySQL 9.7' | 'MariaDB 10.11';

/**
 * A commit costs what it costs in production: the test servers' switches that trade durability for speed are back at their defaults.
 * Otherwise one transaction a migration would look as cheap as one for all.
 */
const durableMysql = {
  'innodb-flush-log-at-trx-commit': '1',
  'innodb-doublewrite': 'ON',
  'innodb-flush-method': 'fsync',
  'sync-binlog': '1',
} as const;

function start(server: BenchServer): Promise<ManagedServer & DatabaseServer> {
  switch (server) {
    case 'Postgres 18':
      return startPostgres({ version: 18, settings: { fsync: 'on', full_page_writes: 'on' } });
    case 'MySQL 9.7':
      return startMySql({ settings: durableMysql });
    case 'MariaDB 10.11':
      return startMariaDb({ settings: durableMysql });
  }
}

/** Starts a server for the time of `work`. */
export async function withServer<T>(
  server: BenchServer,
  work: (server: DatabaseServer) => Promise<T>,
): Promise<T> {
  const started = await start(server);
  try {
    return await work(started);
  } finally {
    await started.stop();
  }
}
