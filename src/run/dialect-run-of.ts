import type { Dialect } from '../database/database.js';
import type { DialectRun } from './dialect-run.js';
import { createMysqlRun } from './mysql/mysql-run.js';
import { postgresRun } from './postgres/postgres-run.js';

/** How a session of this dialect executes. On MySQL one value a session: it remembers what it has set there. */
export function dialectRunOf(dialect: Dialect): DialectRun {
  switch (dialect) {
    case 'postgresql':
      return postgresRun;
    case 'mysql':
      return createMysqlRun();
  }
}
