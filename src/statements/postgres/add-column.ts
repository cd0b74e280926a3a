import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, type Draft } from '../draft.js';
import type { LockTaken, ObjectName } from '../statement.js';

/** Functions whose value is the same for every row of one statement: their default is stored once, without a rewrite. */
const STABLE = new Set([
  'NOW',
  'CURRENT_TIMESTAMP',
  'CURRENT_DATE',
  'CURRENT_TIME',
  'LOCALTIMESTAMP',
  'LOCALTIME',
  'TRANSACTION_TIMESTAMP',
  'STATEMENT_TIMESTAMP',
  'CURRENT_SETTING',
  'CURRENT_SCHEMA',
  'TIMEZONE',
  'TO_TIMESTAMP',
  'DATE_TRUNC',
  'MAKE_INTERVAL',
  'JSONB_BUILD_OBJECT',
  'JSONB_BUILD_ARRAY',
  'LOWER',
  'UPPER',
  'COALESCE',
]);
/** Types with a length or precision in parentheses, so that `varchar(20)` is not taken for a call. */
const TYPES = new Set(
  'VARCHAR CHAR CHARACTER VARYING NUMERIC DECIMAL BIT TIME TIMESTAMP TIMESTAMPTZ INTERVAL CHECK KEY BPCHAR ARRAY'.split(
    ' ',
  ),
);
/** Pseudo-types that bring a sequence of their own. */
export const SERIAL = /^(?:SMALL|BIG)?SERIAL[248]?$/;

/**
 * `ADD [COLUMN] name type ...`. Old writers leave the column out, so it breaks them if it is NOT NULL without a value
 * of its own. Postgres stores a constant or stable default once; a volatile one, identity, serial and STORED rewrite the table.
 */
export function addColumn(draft: Draft, cursor: Cursor, table: ObjectName): void {
  cursor.take('COLUMN');
  cursor.ifNotExists();
  const column = partOf(table, 'column', cursor.identifier());
  const start = cursor.position;
  const end = cursor.skipToComma();
  // Outside parentheses: `CHECK (b IS NOT NULL)` says nothing of this column.
  const has = (...words: readonly string[]): boolean => {
    cursor.position = start;
    while (cursor.position < end) {
      if (cursor.is(...words)) return true;
      if (!cursor.skipParentheses()) cursor.skip();
    }
    return false;
  };

  const serial = SERIAL.test(wordAt(cursor, start));
  const stored = has('STORED');
  const identity = has('AS', 'IDENTITY');
  const generated = has('GENERATED');
  const filled = serial || generated || hasDefault(cursor, start, end);
  const notNull = has('NOT', 'NULL') || has('PRIMARY', 'KEY');
  effect(draft, 'adds', column, notNull && !filled);

  let work: LockTaken['work'] = 'metadata';
  if (has('UNIQUE') || has('PRIMARY', 'KEY')) work = 'index build';
  else if (has('CHECK')) work = 'scan';
  if (serial || stored || identity || volatileDefault(cursor, start, end)) work = 'rewrite';
  lock(draft, table, 'ACCESS EXCLUSIVE', work);
  if (has('REFERENCES')) {
    cursor.skip();
    lock(draft, cursor.object('table'), 'SHARE ROW EXCLUSIVE', 'metadata');
  }
  cursor.position = end;
}

function wordAt(cursor: Cursor, at: number): string {
  cursor.position = at;
  return cursor.word();
}

/** Whether a column's definition, between two token positions, has a default that is not NULL. */
export function hasDefault(cursor: Cursor, start: number, end: number): boolean {
  const at = defaultAt(cursor, start, end);
  if (at === null) return false;
  cursor.position = at;
  return !cursor.is('NULL');
}

/** Position of the default's expression. `ON DELETE SET DEFAULT` is none. */
export function defaultAt(cursor: Cursor, start: number, end: number): number | null {
  for (cursor.position = start; cursor.position < end; cursor.skip()) {
    if (cursor.is('SET', 'DEFAULT')) cursor.skip();
    else if (cursor.is('DEFAULT')) return cursor.position + 1;
  }
  return null;
}

/** Whether the default calls a function that we do not know to be stable. */
export function volatileDefault(cursor: Cursor, start: number, end: number): boolean {
  const at = defaultAt(cursor, start, end);
  if (at === null) return false;
  for (cursor.position = at; cursor.position < end; cursor.skip()) {
    if (cursor.is('REFERENCES') || cursor.is('CHECK') || cursor.is('GENERATED')) return false;
    if (cursor.peek(1)?.text !== '(') continue;
    const kind = cursor.peek()?.kind;
    if (kind === 'name') return true;
    if (kind === 'word' && !STABLE.has(cursor.word()) && !TYPES.has(cursor.word())) return true;
  }
  return false;
}
