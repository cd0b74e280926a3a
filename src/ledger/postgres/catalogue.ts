import type { Session } from '../../database/database.js';
import type { LedgerCatalogue, TableAccess } from '../catalogue.js';
import type { LedgerLocation } from '../ledger.js';
import { OWN_TABLES } from '../location.js';

interface Row {
  /** null on the one row of a schema that has none of the tables. */
  readonly name: string | null;
  readonly can_select: boolean | null;
  readonly can_write: boolean | null;
  readonly named: boolean;
}

/**
 * One round trip that never fails for want of a table or a right: `pg_class` is readable to everyone, `to_regclass` of a schema
 * without USAGE is an error (42501). Flat, because here planning costs more than the work.
 */
const CATALOGUE = `
select c.relname::text as name,
       has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as can_select,
       has_table_privilege(c.oid, 'INSERT')
         and (c.relname in ($2, 'migration_library') or has_table_privilege(c.oid, 'UPDATE')) as can_write,
       exists (select 1 from pg_catalog.pg_attribute a
                where a.attrelid = c.oid and a.attname = 'name' and a.attnum > 0 and not a.attisdropped) as named
  from pg_catalog.pg_namespace n
  left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p')
   and c.relname in ($2, ${OWN_TABLES.map((name) => `'${name}'`).join(', ')})
 where n.nspname = $1`;

/** Asks the catalogue about the ledger and our tables. */
export async function readCatalogue(
  session: Session,
  location: LedgerLocation,
): Promise<LedgerCatalogue> {
  const rows = await session.query<Row>(CATALOGUE, [location.schema, location.table]);
  const tables = new Map<string, TableAccess>();
  for (const { name, can_select: select, can_write: write } of rows)
    if (name !== null) tables.set(name, { select: select === true, write: write === true });
  return {
    schemaExists: rows.length > 0,
    tables,
    named: rows.some(({ name, named }) => name === location.table && named),
  };
}

/** Whether no table of a user's exists, as an expression. Tables of extensions (PostGIS' `spatial_ref_sys`) are no user's. */
export function emptyExpression(schema: string, table: string): string {
  return `not exists (
    select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
       and not (n.nspname = ${schema}::text and c.relname = any (array[${table}::text, ${OWN_TABLES.map((name) => `'${name}'`).join(', ')}]))
       and not exists (select 1 from pg_catalog.pg_depend d
                        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))`;
}
