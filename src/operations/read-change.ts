import type { Dialect } from '../database/database.js';
import { readAlterTable } from '../statements/table-changes/read-alter-table.js';
import type { TableChange } from '../statements/table-changes/table-change.js';

/**
 * What an ALTER TABLE of one action says, as Drizzle Kit writes them; null = any other statement, and one with words that operations do not
 * carry over: MariaDB's IGNORE drops rows.
 */
export function readChange(sql: string, dialect: Dialect): TableChange | null {
  const alter = readAlterTable(sql, dialect);
  if (alter === null || alter.modifiers.length > 0) return null;
  const [change, ...more] = alter.changes;
  return change === undefined || more.length > 0 ? null : change;
}

/** Whether an ALTER TABLE drops the rows that are in its way, where it would fail otherwise: MariaDB's IGNORE. */
export function dropsRows(sql: string, dialect: Dialect): boolean {
  return readAlterTable(sql, dialect)?.modifiers.includes('IGNORE') === true;
}
