import type { Session } from '../../database/database.js';
import type { LedgerCatalogue, TableAccess } from '../catalogue.js';
import type { LedgerLocation } from '../ledger.js';
import { OWN_TABLES } from '../location.js';

interface Row {
  readonly schema_exists: boolean;
  readonly may_create_schema: boolean;
  readonly may_create_tables: boolean;
  readonly tables: string;
  readonly named: boolean;
}

/**
 * One round trip that never fails for want of a table or a right: `pg_class` is readable to everyone, `to_regclass` of a schema
 * without USAGE is an error (42501).
 */
const CATALOGUE = `
with place as (select oid, nspname from pg_catalog.pg_namespace where nspname = $1::text),
known as (
  select c.oid, c.relname::text as name,
         has_schema_privilege(p.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as can_select,
         has_schema_privilege(p.oid, 'USAGE') and has_table_privilege(c.oid, 'INSERT')
           and (c.relname in ('migration_library', $2::text) or has_table_privilege(c.oid, 'UPDATE')) as can_write
    from pg_catalog.pg_class c join place p on p.oid = c.relnamespace
   where c.relkind in ('r', 'p') and c.relname = any (array[$2::text, ${OWN_TABLES.map((name) => `'${name}'`).join(', ')}]))
select exists (select 1 from place) as schema_exists,
       has_database_privilege(current_database(), 'CREATE') as may_create_schema,
       coalesce((select has_schema_privilege(oid, 'CREATE') from place), false) as may_create_tables,
       (select coalesce(json_agg(json_build_array(name, can_select, can_write)), '[]') from known)::text as tables,
       exists (select 1 from pg_catalog.pg_attribute a join known k on k.oid = a.attrelid
                where k.name = $2::text and a.attname = 'name' and a.attnum > 0 and not a.attisdropped) as named`;

/** Asks the catalogue about the ledger and our tables. */
export async function readCatalogue(
  session: Session,
  location: LedgerLocation,
): Promise<LedgerCatalogue> {
  const [row] = await session.query<Row>(CATALOGUE, [location.schema, location.table]);
  if (!row) throw new Error('the catalogue query returned no row');
  const tables = JSON.parse(row.tables) as readonly (readonly [string, boolean, boolean])[];
  return {
    schemaExists: row.schema_exists,
    mayCreateSchema: row.may_create_schema,
    mayCreateTables: row.may_create_tables,
    tables: new Map(
      tables.map(([name, select, write]): [string, TableAccess] => [name, { select, write }]),
    ),
    named: row.named,
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
