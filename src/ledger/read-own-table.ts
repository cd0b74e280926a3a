import { StatementError, type Session } from '../database/database.js';
import type { LedgerLocation } from './ledger.js';
import type { LIBRARY_VERSIONS } from './library.js';
import { OWN_TABLES, ownTable, READ_TABLES, type OwnTable } from './location.js';
import { missingReadPrivilege } from './privileges.js';
import { readCatalogue } from './read-ledger.js';

/** Tables that a database may not have yet, and that a role may not read which was let in before they existed. */
export type LaterTable = Exclude<OwnTable, (typeof READ_TABLES)[number]>;

/** Which of our own migrations makes each. */
const MADE_BY: Readonly<Record<LaterTable, (typeof LIBRARY_VERSIONS)[number]>> = {
  migration_operations: '0001_operations',
  migration_progress: '0001_operations',
  migration_instances: '0002_instances',
};

/**
 * Reads a table of ours that not every database has.
 *
 * @returns null where it does not exist
 * @throws {MigratorError} `MISSING_PRIVILEGE` with the GRANT to run
 */
export async function readOwnTable<T>(
  session: Session,
  location: LedgerLocation,
  table: LaterTable,
  read: () => Promise<T>,
): Promise<T | null> {
  const { server } = session;
  const { tables } = await readCatalogue(session, location);
  const access = tables.get(table);
  const refuse = (own: readonly OwnTable[], cause?: unknown): Error =>
    missingReadPrivilege(server, location, own, cause, `nest-migrate's table ${table}`);
  if (access === undefined) {
    if (server.dialect === 'postgresql') return null;
    // MySQL does not list what a login has no right on; that it was made stands on record.
    const made = await refusing(
      () => isRecorded(session, location, MADE_BY[table]),
      (cause) => refuse(READ_TABLES, cause),
    );
    if (made) throw refuse(OWN_TABLES);
    return null;
  }
  const own = server.dialect === 'mysql' ? OWN_TABLES : OWN_TABLES.filter((one) => tables.has(one));
  // Asked first: a refused query ends the transaction that it stands in, and is an ERROR in the log of Postgres.
  if (!access.select) throw refuse(own);
  return refusing(read, (cause) => refuse(own, cause));
}

async function isRecorded(
  session: Session,
  location: LedgerLocation,
  version: string,
): Promise<boolean> {
  try {
    const rows = await session.query(
      `select 1 from ${ownTable('mysql', location, 'migration_library')} where version = ?`,
      [version],
    );
    return rows.length > 0;
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'missing-table') return false;
    throw error;
  }
}

async function refusing<T>(read: () => Promise<T>, refuse: (cause: unknown) => Error): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'privilege') throw refuse(error);
    throw error;
  }
}
