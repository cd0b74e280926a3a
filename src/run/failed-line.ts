import type { Statement } from '../statements/statement.js';
import { Tokenizer } from '../statements/tokenize.js';

/**
 * The line of the file at which the server stopped, from where Postgres says it did.
 *
 * @param position 1-based, in characters of what was sent; one behind the last is its end
 * @returns the line on which the statement begins, where there is no such position in it
 * @see https://www.postgresql.org/docs/current/protocol-error-fields.html (Position)
 */
export function failedLine({ sql, line }: Statement, position: number | undefined): number {
  const stopped = position === undefined ? null : offsetOf(sql, position);
  if (stopped === null) return line;
  // Comments that stand above the statement are sent with it, and are not counted in its line.
  return line + lineBreaks(sql.slice(firstCode(sql), stopped));
}

/** Postgres counts code points, JavaScript UTF-16 units. */
function offsetOf(sql: string, position: number): number | null {
  let offset = 0;
  for (let character = 1; character < position; character += 1) {
    const codePoint = sql.codePointAt(offset);
    if (codePoint === undefined) return null;
    offset += codePoint > 0xffff ? 2 : 1;
  }
  return offset;
}

function firstCode(sql: string): number {
  const tokens = new Tokenizer(sql, 'postgresql');
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
    if (!['space', 'line comment', 'block comment'].includes(token.kind)) return token.start;
  }
  return 0;
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1;
}
