import type { DatabaseOptions } from '../options.js';
import { pgliteLabel, resolveConnections } from './connection-targets.js';
import type { Database, Dialect } from './database.js';

/**
 * A database from its options. Connects to nothing and loads neither adapter nor driver: all that happens with the first session.
 * @throws {MigratorError} `CONFIGURATION`, `WRONG_DIALECT`, `UNSUPPORTED_DIALECT`
 */
export function createDatabase(options: DatabaseOptions): Database {
  const connections = resolveConnections(options);
  switch (connections.driver) {
    case 'pg':
      return onFirstUse('postgresql', connections.targets.reader.label, async () =>
        (await import('./postgres/postgres-database.js')).postgresDatabase(connections.targets),
      );
    case 'mysql2':
      return onFirstUse('mysql', connections.targets.reader.label, async () =>
        (await import('./mysql/mysql-database.js')).mysqlDatabase(connections.targets),
      );
    case 'pglite':
      return onFirstUse('postgresql', pgliteLabel(connections), async () =>
        (await import('./postgres/pglite-database.js')).pgliteDatabase(connections),
      );
  }
}

/** Loads the adapter with the first session; a replica on Postgres never reads a line that is about MySQL. */
function onFirstUse(dialect: Dialect, label: string, load: () => Promise<Database>): Database {
  let loading: Promise<Database> | null = null;
  return {
    dialect,
    label,
    async connect(options) {
      loading ??= load();
      return (await loading).connect(options);
    },
    async close() {
      await (await loading)?.close();
    },
  };
}
