import { Cursor } from '../cursor.js';
import type { Dialect, SqlMode } from '../statement.js';
import { mysqlChange } from './mysql.js';
import { postgresChange } from './postgres.js';
import { offsetBefore, spanOf } from './spans.js';
import type { AlterTable, TableChange } from './table-change.js';

/**
 * The actions of an ALTER TABLE, each with what it says; null for every other statement. From its tokens alone, as
 * {@link classify}, which says what a statement does: this says how it is written, for lint, online forms and `split`.
 */
export function readAlterTable(sql: string, dialect: Dialect, mode?: SqlMode): AlterTable | null {
  const cursor = new Cursor(sql, dialect, mode);
  if (!cursor.take('ALTER')) return null;
  const modifiers =
    dialect === 'mysql' ? [cursor.takeAny('ONLINE', 'OFFLINE'), cursor.takeAny('IGNORE')] : [];
  if (!cursor.take('TABLE')) return null;
  cursor.ifExists();
  cursor.take('ONLY');
  const table = cursor.object('table');
  if (table === null) return null;
  cursor.takeText('*');
  modifiers.push(cursor.takeAny('WAIT', 'NOWAIT'));
  const head = spanOf(cursor, 0, cursor.position);
  const changes: TableChange[] = [];
  do {
    const start = cursor.position;
    const end = cursor.skipToComma();
    cursor.position = start;
    const change =
      dialect === 'postgresql' ? postgresChange(cursor, end) : mysqlChange(cursor, end);
    changes.push({ ...change, span: spanOf(cursor, start, end) });
    cursor.position = end;
  } while (cursor.takeText(','));
  while (!cursor.atEnd) cursor.skip();
  return {
    table,
    modifiers: modifiers.filter((word) => word !== null),
    head,
    changes,
    end: offsetBefore(cursor, cursor.position),
  };
}
