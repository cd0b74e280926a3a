import type { Session } from '../database/database.js';
import type { JournalLayout } from '../journal/journal.js';
import type { LedgerLocation, LedgerVersion } from './ledger.js';
import { bootstrapMysql } from './mysql/bootstrap.js';
import { bootstrapPostgres } from './postgres/bootstrap.js';

/** How the ledger and our own tables are to be made. */
export interface BootstrapOptions {
  /** A new ledger has the shape that the journal's own line of drizzle-orm would give it. */
  readonly layout: JournalLayout;
  /** Roles that may read ledger and attempts. MySQL: `user` or `user@host`. @default [] */
  readonly grantTo?: readonly string[];
}

/** What the bootstrap did. */
export interface BootstrapResult {
  /** Whether anything was created. */
  readonly changed: boolean;
  /** Our own migrations that were applied. */
  readonly versions: readonly string[];
  /** The shape of Drizzle's ledger, now that it exists. */
  readonly ledgerVersion: LedgerVersion;
}

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

/** The shape of a ledger that does not exist yet. */
export function newLedgerVersion(layout: JournalLayout): LedgerVersion {
  return layout === 'journal' ? 'v0' : 'v1';
}
