import { qualify, quoteIdentifier } from '../../database/identifiers.js';
import type { TableName } from '../operation.js';
import type { ColumnFacts } from '../table-facts.js';

/** Quotes a name of a table, column or trigger. */
export function quote(name: string): string {
  return quoteIdentifier('mysql', name);
}

/** A table's name for SQL. */
export function tableSql({ schema, name }: TableName): string {
  return qualify('mysql', schema, name);
}

/** Whether a trigger is called as ours are. */
export function isOurTrigger(name: string): boolean {
  return /^zzz_mg_[0-9a-f]{8}_[br][iu]$/.test(name);
}

/** What decides how values of a column are compared. */
export type Comparable = Pick<ColumnFacts, 'type' | 'looseEquality'>;

/**
 * SQL that is true when two columns of the same type hold the same bytes, NULL included. `<=>` alone goes by the collation, under which
 * 'Anna' and 'anna', 'x' and 'x ' are equal, and a change from one to the other would not be followed (measured on both servers).
 */
export function sameBytes(left: string, right: string, column: Comparable): string {
  if (!column.looseEquality) return `${left} <=> ${right}`;
  return `${bytesOf(left, column)} <=> ${bytesOf(right, column)}`;
}

function bytesOf(value: string, column: Comparable): string {
  // MySQL's json is no text: 1 and 1.0 are equal in it.
  return column.type === 'json'
    ? `cast(cast(${value} as char) as binary)`
    : `cast(${value} as binary)`;
}

/** Whether a value is that of a literal default, whatever character set the literal is read in. */
export function isDefault(value: string, column: ColumnFacts): string | null {
  if (column.default === null || column.volatileDefault) return null;
  // MySQL prints expressions in brackets and literals without.
  const literal = column.default;
  if (!column.looseEquality) return `${value} <=> ${literal}`;
  const bytes = (text: string): string => `cast(convert(${text} using utf8mb4) as binary)`;
  return `${bytes(value)} <=> ${bytes(literal)}`;
}

/** A string literal that reads the same with and without NO_BACKSLASH_ESCAPES: for texts of ours only. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '/').replaceAll("'", "''")}'`;
}
