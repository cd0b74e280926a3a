import type { Cursor } from '../cursor.js';
import type { AddColumn, Span } from './table-change.js';

/** Offset of the first character of the token at a position; of the text's end behind the last one. */
export function offsetAt(cursor: Cursor, position: number): number {
  return cursor.peek(position - cursor.position)?.start ?? cursor.sql.length;
}

/** Offset behind the last character of the token before a position. */
export function offsetBefore(cursor: Cursor, position: number): number {
  const token = cursor.peek(position - 1 - cursor.position);
  return token === undefined ? 0 : token.start + token.text.length;
}

/** The text from one token position up to another, without white space and comments at its ends. */
export function spanOf(cursor: Cursor, from: number, to: number): Span {
  return { from: offsetAt(cursor, from), to: offsetBefore(cursor, to) };
}

/** What stands in a stretch. */
export function textOf(sql: string, { from, to }: Span): string {
  return sql.slice(from, to);
}

/** The words of a type, from here up to what may follow it. The cursor stays. */
export function typeText(cursor: Cursor, end: number, after: ReadonlySet<string>): string {
  const start = cursor.position;
  while (cursor.position < end && !after.has(cursor.word())) {
    if (!cursor.skipParentheses()) cursor.skip();
  }
  const span = spanOf(cursor, start, cursor.position);
  cursor.position = start;
  return textOf(cursor.sql, span);
}

/** Words behind which another part of a column's definition begins. */
const AFTER_DEFAULT: ReadonlySet<string> = new Set(
  'NOT NULL PRIMARY UNIQUE CHECK REFERENCES GENERATED COLLATE CONSTRAINT COMMENT ON FIRST AFTER AUTO_INCREMENT KEY INVISIBLE VISIBLE'.split(
    ' ',
  ),
);

/** What stands behind DEFAULT in a column's definition, given the position of its first token. The cursor stays. */
export function defaultText(cursor: Cursor, from: number, end: number): string {
  const start = cursor.position;
  cursor.position = from;
  if (!cursor.skipParentheses()) cursor.skip();
  while (cursor.position < end && !AFTER_DEFAULT.has(cursor.word())) {
    if (!cursor.skipParentheses()) cursor.skip();
  }
  const text = textOf(cursor.sql, spanOf(cursor, from, cursor.position));
  cursor.position = start;
  return text;
}

/** Position of these words outside parentheses in a stretch of tokens; null = they are not there. The cursor stays. */
export function findWords(
  cursor: Cursor,
  from: number,
  to: number,
  ...words: readonly string[]
): number | null {
  const start = cursor.position;
  cursor.position = from;
  let found: number | null = null;
  while (found === null && cursor.position < to && !cursor.atEnd) {
    if (cursor.is(...words)) found = cursor.position;
    else if (!cursor.skipParentheses()) cursor.skip();
  }
  cursor.position = start;
  return found !== null && found < to ? found : null;
}

const INLINE = [
  ['unique', ['UNIQUE']],
  ['primary key', ['PRIMARY', 'KEY']],
  ['check', ['CHECK']],
  ['references', ['REFERENCES']],
] as const;

/** Constraints in a column's own definition. The cursor stays. */
export function inlineConstraints(cursor: Cursor, from: number, to: number): AddColumn['inline'] {
  return INLINE.filter(([, words]) => findWords(cursor, from, to, ...words) !== null).map(
    ([constraint]) => constraint,
  );
}
