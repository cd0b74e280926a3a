import type { Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';
import type { TableName } from '../../operations/operation.js';

/** The rows of a table, each under its key. */
export interface Rows {
  /** Columns of the primary key; empty = it has none, and a row's key is its number in an order by all that it holds. */
  readonly key: readonly string[];
  readonly rows: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

const POSTGRES_KEY = `
  select a.attname::text as name from pg_catalog.pg_index i
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
   where i.indrelid = to_regclass($1) and i.indisprimary order by array_position(i.indkey::int2[], a.attnum)`;

const MYSQL_KEY = `
  select column_name as name from information_schema.key_column_usage
   where table_schema = coalesce(?, database()) and table_name = ? and constraint_name = 'PRIMARY' order by ordinal_position`;

/** Reads a whole table: what a test has put in. */
export async function rowsOf(session: Session, table: TableName): Promise<Rows> {
  const { dialect } = session.server;
  const called = qualify(dialect, table.schema, table.name);
  const names = await session.query<{ readonly name: string }>(
    dialect === 'postgresql' ? POSTGRES_KEY : MYSQL_KEY,
    dialect === 'postgresql' ? [called] : [table.schema, table.name],
  );
  const key = names.map(({ name }) => name);
  const found = await session.query(`select * from ${called}`);
  if (key.length > 0)
    return { key, rows: new Map(found.map((row) => [textOf(key.map((name) => row[name])), row])) };
  const sorted = found.map((row) => ({ row, text: textOf(Object.values(row)) }));
  sorted.sort((a, b) => (a.text < b.text ? -1 : 1));
  return { key, rows: new Map(sorted.map(({ row }, index) => [String(index + 1), row])) };
}

function textOf(values: readonly unknown[]): string {
  return values
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(', ');
}

/** The first row that two tables do not share, in words that hold its key and none of its other values; null = they are the same. Pure. */
export function firstDifference(
  expected: Rows,
  actual: Rows,
  exceptColumns: readonly string[],
): string | null {
  const called = (key: string): string =>
    expected.key.length > 0 ? `${expected.key.join(', ')} = ${key}` : `number ${key}`;
  for (const [key, row] of expected.rows) {
    const other = actual.rows.get(key);
    if (other === undefined) return `the row ${called(key)} is gone`;
    const columns = Object.keys(row).filter(
      (name) =>
        !exceptColumns.includes(name) && JSON.stringify(row[name]) !== JSON.stringify(other[name]),
    );
    if (columns.length > 0) return `the row ${called(key)} differs in ${columns.join(', ')}`;
  }
  for (const key of actual.rows.keys())
    if (!expected.rows.has(key)) return `the row ${called(key)} was not there`;
  return null;
}
