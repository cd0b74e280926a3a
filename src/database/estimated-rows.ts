import type { Session } from './database.js';

/**
 * Postgres: statistics where there are any, else the size, with 60 rows a page. Names are looked up, not cast: a table that is gone is no error.
 * Partitions count, the partitioned table itself has no rows.
 */
const POSTGRES = `with target as (
    select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relname = $1 and case when $2::text is null then pg_catalog.pg_table_is_visible(c.oid) else n.nspname = $2 end)
  select cast(round(sum(case when c.reltuples >= 0 and not (c.reltuples = 0 and pg_catalog.pg_relation_size(c.oid) > 0) then c.reltuples
      else pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::float8 * 60 end)) as text) as n
    from pg_catalog.pg_class c where c.relkind = 'r'
     and c.oid in (select oid from target union all select p.relid::oid from target, pg_catalog.pg_partition_tree(target.oid) p)`;

const MYSQL = `select cast(table_rows as char) as n from information_schema.tables
  where table_name = ? and table_schema = coalesce(?, database())`;

/** How many rows a table has by the server's own estimate; null = it does not know, or there is no such table. */
export async function estimatedRows(
  session: Session,
  table: { readonly schema: string | null; readonly name: string },
): Promise<number | null> {
  const [row] = await session.query<{ readonly n: string | null }>(
    session.server.dialect === 'postgresql' ? POSTGRES : MYSQL,
    [table.name, table.schema],
  );
  return row?.n == null ? null : Number(row.n);
}
