import type { Session } from '../database/database.js';
import type { LedgerLocation } from './ledger.js';
import { missingGrantsMysql } from './mysql/missing-grants.js';
import { missingGrantsPostgres } from './postgres/missing-grants.js';

/**
 * The statements that roles lack to do what replicas do, in one round trip, and none where no role is named. What this login cannot see of
 * others is taken to be lacking: MySQL shows the rights of other accounts only to those who may read its own tables.
 *
 * @param roles MySQL: `user` or `user@host`
 * @throws {MigratorError} `CONFIGURATION` for a role that Postgres does not know
 */
export function missingGrants(
  session: Session,
  location: LedgerLocation,
  roles: readonly string[],
): Promise<readonly string[]> {
  if (roles.length === 0) return Promise.resolve([]);
  switch (session.server.dialect) {
    case 'postgresql':
      return missingGrantsPostgres(session, location, roles);
    case 'mysql':
      return missingGrantsMysql(session, location, roles);
  }
}
