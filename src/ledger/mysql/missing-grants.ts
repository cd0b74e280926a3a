import type { Session } from '../../database/database.js';
import type { LedgerLocation } from '../ledger.js';
import { OWN_TABLES } from '../location.js';
import { grantee, readGrants } from '../privileges.js';

/** Rights to read: of the whole server, of this database, of one table. In grants on databases `_` and `%` are wildcards unless escaped. */
const READABLE = (accounts: string): string => `
select grantee as account, null as name from information_schema.user_privileges
 where privilege_type = 'SELECT' and grantee in (${accounts})
union all
select grantee, null from information_schema.schema_privileges
 where privilege_type = 'SELECT' and grantee in (${accounts}) and database() like table_schema
union all
select grantee, table_name from information_schema.table_privileges
 where privilege_type = 'SELECT' and grantee in (${accounts}) and table_schema = database()`;

/** See `missingGrants`. */
export async function missingGrantsMysql(
  session: Session,
  location: LedgerLocation,
  roles: readonly string[],
): Promise<readonly string[]> {
  const accounts = roles.map((role) => grantee('mysql', role));
  const list = accounts.map(() => '?').join(', ');
  const found = await session.query<{ readonly account: string; readonly name: string | null }>(
    READABLE(list),
    [...accounts, ...accounts, ...accounts],
  );
  const wanted = [location.table, ...OWN_TABLES].map((table) => table.toLowerCase());
  return roles.flatMap((role, index) => {
    const own = found.filter(({ account }) => account === accounts[index]);
    const readable = new Set(own.map(({ name }) => name?.toLowerCase()));
    const reads = own.some(({ name }) => name === null) || wanted.every((it) => readable.has(it));
    return reads ? [] : readGrants('mysql', location, role);
  });
}
