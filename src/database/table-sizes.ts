import type { Session } from './database.js';

/** Tables by name, by schema, or by a type that columns of theirs have. */
export interface TableWanted {
  readonly kind: 'table' | 'schema' | 'type';
  /** null = the search path, or the current database. */
  readonly schema: string | null;
  readonly name: string;
}

/** A table that is there, with its indexes and what is stored beside it. */
export interface SizedTable {
  /** Schema, or database on MySQL. */
  readonly schema: string;
  readonly name: string;
  /** By the server's own figures; null = not known, because somebody else has it locked. */
  readonly bytes: number | null;
}

/** Partitions and inheriting tables are tables of their own, and hold what the parent shows. `pg_total_relation_size` waits for who drops a table. */
const POSTGRES = `with recursive wanted as (
    select kind, "schema", name from json_to_recordset($1::json) as w(kind text, "schema" text, name text)),
  relation as (
    select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'S') and exists (select from wanted w where case w.kind
       when 'schema' then n.nspname = w.name
       when 'table' then c.relname = w.name
         and case when w."schema" is null then pg_catalog.pg_table_is_visible(c.oid) else n.nspname = w."schema" end
       else c.relkind <> 'S' and exists (
         select from pg_catalog.pg_attribute a
           join pg_catalog.pg_type t on a.atttypid in (t.oid, t.typarray)
           join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and t.typname = w.name
            and case when w."schema" is null then pg_catalog.pg_type_is_visible(t.oid) else tn.nspname = w."schema" end)
       end)),
  family as (select oid from relation union select i.inhrelid from pg_catalog.pg_inherits i join family f on i.inhparent = f.oid)
  select n.nspname as "schema", c.relname as name, cast(pg_catalog.pg_total_relation_size(c.oid) as text) as bytes
    from family f join pg_catalog.pg_class c on c.oid = f.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   order by 1, 2`;

interface Row {
  readonly schema: string;
  readonly name: string;
  readonly bytes: string | null;
}

/** Tables that exist, of those wanted; each once. On Postgres it may wait for a lock. */
export async function tableSizes(
  session: Session,
  wanted: readonly TableWanted[],
): Promise<readonly SizedTable[]> {
  if (wanted.length === 0) return [];
  const rows =
    session.server.dialect === 'postgresql'
      ? await session.query<Row>(POSTGRES, [JSON.stringify(wanted)])
      : await mysqlSizes(session, wanted);
  return rows.map(({ schema, name, bytes }) => ({
    schema,
    name,
    bytes: bytes === null ? null : Number(bytes),
  }));
}

/** MySQL keeps these figures for a day unless it is told not to; MariaDB reads them anew. */
async function mysqlSizes(session: Session, wanted: readonly TableWanted[]): Promise<Row[]> {
  const keeps = session.server.flavour === 'mysql';
  const named = wanted.map(({ kind, schema, name }) => ({
    sql:
      kind === 'schema'
        ? 'table_schema = ?'
        : '(table_name = ? and table_schema = coalesce(?, database()))',
    params: kind === 'schema' ? [name] : [name, schema],
  }));
  if (keeps) await session.query('set session information_schema_stats_expiry = 0');
  try {
    return await session.query<Row>(
      `select table_schema as \`schema\`, table_name as name, cast(data_length + index_length as char) as bytes
         from information_schema.tables where table_type = 'BASE TABLE' and (${named.map(({ sql }) => sql).join(' or ')}) order by 1, 2`,
      named.flatMap(({ params }) => params),
    );
  } finally {
    if (keeps && !session.lost.aborted)
      await session.query('set session information_schema_stats_expiry = default');
  }
}
