import type { DatabaseOptions } from '../options.js';
import { resolveConnections } from './connection-targets.js';
import type { Database } from './database.js';
import { mysqlDatabase } from './mysql/mysql-database.js';
import { pgliteDatabase } from './postgres/pglite-database.js';
import { postgresDatabase } from './postgres/postgres-database.js';

/**
 * A database from its options. Connects to nothing and loads no driver: that happens with the first session.
 * @throws {MigratorError} `CONFIGURATION`, `WRONG_DIALECT`, `UNSUPPORTED_DIALECT`
 */
export function createDatabase(options: DatabaseOptions): Database {
  const connections = resolveConnections(options);
  switch (connections.driver) {
    case 'pg':
      return postgresDatabase(connections.targets);
    case 'mysql2':
      return mysqlDatabase(connections.targets);
    case 'pglite':
      return pgliteDatabase(connections);
  }
}
