import type { Session } from '../../database/database.js';
import type { LedgerLocation } from '../ledger.js';
import { OWN_TABLES } from '../location.js';
import { grantee, replicaGrants } from '../privileges.js';

/**
 * Rights of the whole server, of this database, of one table (null = of all). In grants on databases `_` and `%` are wildcards unless escaped.
 */
const RIGHTS = (accounts: string): string => `
select grantee as account, privilege_type as kind, null as name from information_schema.user_privileges
 where privilege_type in ('SELECT', 'INSERT', 'UPDATE') and grantee in (${accounts})
union all
select grantee, privilege_type, null from information_schema.schema_privileges
 where privilege_type in ('SELECT', 'INSERT', 'UPDATE') and grantee in (${accounts}) and database() like table_schema
union all
select grantee, privilege_type, table_name from information_schema.table_privileges
 where privilege_type in ('SELECT', 'INSERT', 'UPDATE') and grantee in (${accounts}) and table_schema = database()`;

interface Right {
  readonly account: string;
  readonly kind: string;
  readonly name: string | null;
}

/** See `missingGrants`. */
export async function missingGrantsMysql(
  session: Session,
  location: LedgerLocation,
  roles: readonly string[],
): Promise<readonly string[]> {
  const accounts = roles.map((role) => grantee('mysql', role));
  const list = accounts.map(() => '?').join(', ');
  const found = await session.query<Right>(RIGHTS(list), [...accounts, ...accounts, ...accounts]);
  const wanted = [
    ...[location.table, ...OWN_TABLES].map((table) => ['SELECT', table] as const),
    ['INSERT', 'migration_instances'] as const,
    ['UPDATE', 'migration_instances'] as const,
  ];
  return roles.flatMap((role, index) => {
    const own = found.filter(({ account }) => account === accounts[index]);
    const complete = wanted.every(([kind, table]) => isAmong(own, kind, table));
    return complete ? [] : replicaGrants('mysql', location, role);
  });
}

function isAmong(rights: readonly Right[], kind: string, table: string): boolean {
  return rights.some(
    (right) =>
      right.kind === kind &&
      (right.name === null || right.name.toLowerCase() === table.toLowerCase()),
  );
}
