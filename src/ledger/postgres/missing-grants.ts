import type { Session } from '../../database/database.js';
import { unknownRole } from '../bootstrap-errors.js';
import type { LedgerLocation } from '../ledger.js';
import { OWN_TABLES } from '../location.js';
import { replicaGrants } from '../privileges.js';

/** See `missingGrants`. A role that may do everything already costs no write. */
export async function missingGrantsPostgres(
  session: Session,
  location: LedgerLocation,
  roles: readonly string[],
): Promise<readonly string[]> {
  const known = await session.query<{ readonly role: string; readonly complete: boolean }>(
    `select r.rolname::text as role,
            coalesce((select has_schema_privilege(r.oid, n.oid, 'USAGE') and bool_and(has_table_privilege(r.oid, c.oid, 'SELECT'))
                             and bool_and(c.relname <> 'migration_instances' or has_table_privilege(r.oid, c.oid, 'INSERT') and has_table_privilege(r.oid, c.oid, 'UPDATE'))
                             and count(*) = $3::int
                        from pg_catalog.pg_namespace n join pg_catalog.pg_class c on c.relnamespace = n.oid
                       where n.nspname = $2::text and c.relkind in ('r', 'p') and c.relname = any (string_to_array($4::text, ','))
                       group by n.oid), false)
              and (select coalesce(bool_and(has_table_privilege(r.oid, c.oid, 'SELECT')), false)
                     from pg_catalog.pg_namespace n join pg_catalog.pg_class c on c.relnamespace = n.oid
                    where n.nspname = $2::text and c.relname = $5::text) as complete
       from pg_catalog.pg_roles r where r.rolname = any (select json_array_elements_text($1::json))`,
    [
      JSON.stringify(roles),
      location.schema,
      String(OWN_TABLES.length),
      OWN_TABLES.join(','),
      location.table,
    ],
  );
  const names = new Set(known.map(({ role }) => role));
  const unknown = roles.filter((role) => !names.has(role));
  if (unknown.length > 0) throw unknownRole(unknown);
  return known
    .filter(({ complete }) => !complete)
    .flatMap(({ role }) => replicaGrants('postgresql', location, role));
}
