import type { Session } from '../database/database.js';
import type { BootstrapOptions, BootstrapResult } from './bootstrap-contract.js';
import type { LedgerLocation } from './ledger.js';
import { bootstrapMysql } from './mysql/bootstrap.js';
import { bootstrapPostgres } from './postgres/bootstrap.js';

/**
 * Makes what is missing of Drizzle's ledger and our own tables, and nothing else: a role that may not create anything passes where all of it exists.
 * Run it under the session lock; the fence's own table is among what it makes. It looks before it creates, so it may be run any number of times,
 * also after a crash, and beside the bootstrap of another ledger in the same schema. Versions that a newer library recorded are left alone.
 *
 * @throws {MigratorError} `MISSING_PRIVILEGE` with the GRANT to run, `CONFIGURATION` when a table of that name belongs to somebody else or a role does not exist
 */
export function bootstrap(
  session: Session,
  location: LedgerLocation,
  options: BootstrapOptions,
): Promise<BootstrapResult> {
  switch (session.server.dialect) {
    case 'postgresql':
      return bootstrapPostgres(session, location, options);
    case 'mysql':
      return bootstrapMysql(session, location, options);
  }
}
