import type { Session } from '../../database/database.js';
import { OWN_TABLES } from '../../ledger/location.js';
import type { LedgerLocation } from '../../ledger/ledger.js';
import { describeMysql } from './describe-mysql.js';
import { describePostgres } from './describe-postgres.js';

/**
 * The schema of a database as sorted lines of text, an object or column each, by the catalogue alone: no pg_dump is needed. The ledger and our own
 * tables are left out. Columns stand by name: one that was dropped and added again comes last in its table, and means the same.
 *
 * Not in it: rows, owners, and what belongs to the server (roles, publications, event triggers, users' rights on MySQL).
 */
export async function schemaLines(
  session: Session,
  location: LedgerLocation,
): Promise<readonly string[]> {
  const ours = [location.table, ...OWN_TABLES];
  const lines =
    session.server.dialect === 'postgresql'
      ? await describePostgres(session, location.schema ?? '', ours)
      : await describeMysql(session, ours);
  return lines.toSorted();
}
