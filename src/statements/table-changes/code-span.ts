import { Cursor } from '../cursor.js';
import type { Dialect, SqlMode } from '../statement.js';
import { spanOf } from './spans.js';
import type { Span } from './table-change.js';

/** A statement from its first token of code to its last: without the comments before and behind it. */
export function spanOfCode(sql: string, dialect: Dialect, mode?: SqlMode): Span {
  const cursor = new Cursor(sql, dialect, mode);
  while (!cursor.atEnd) cursor.skip();
  return cursor.position === 0 ? { from: 0, to: 0 } : spanOf(cursor, 0, cursor.position);
}
