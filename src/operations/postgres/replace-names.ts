import { Cursor } from '../../statements/cursor.js';
import { quoted } from './sql.js';

/**
 * A definition as the server printed it, with one column written as another. Only names that stand for a column: not what is called,
 * qualified, cast to or collated by.
 *
 * @param behind the first token of this kind begins what is looked at; before it stand names of indexes and tables
 */
export function replaceColumn(definition: string, from: string, to: string, behind?: '('): string {
  const cursor = new Cursor(definition, 'postgresql');
  while (behind !== undefined && !cursor.atEnd && !cursor.isText(behind)) cursor.skip();
  let result = '';
  let copied = 0;
  for (let token = cursor.peek(); token !== undefined; token = cursor.peek()) {
    const called = cursor.peek(1)?.text === '(' || cursor.peek(1)?.text === '.';
    const before = cursor.peek(-1)?.text.toUpperCase() ?? '';
    const name = cursor.identifier();
    if (name === null) {
      cursor.skip();
      continue;
    }
    if (name !== from || called || ['.', '::', 'COLLATE', 'USING', 'AS'].includes(before)) continue;
    result += definition.slice(copied, token.start) + quoted(to);
    copied = token.start + token.text.length;
  }
  return result + definition.slice(copied);
}

/** `CREATE [UNIQUE] INDEX name ...` under another name, built beside the writers. */
export function concurrentIndex(definition: string, name?: string): string {
  const cursor = new Cursor(definition, 'postgresql');
  cursor.take('CREATE');
  cursor.take('UNIQUE');
  cursor.take('INDEX');
  const start = cursor.peek()?.start ?? definition.length;
  const concurrently = cursor.take('CONCURRENTLY');
  cursor.ifNotExists();
  const given = cursor.peek();
  if (name === undefined || given === undefined)
    return concurrently
      ? definition
      : `${definition.slice(0, start)}concurrently ${definition.slice(start)}`;
  const rest = definition.slice(given.start + given.text.length);
  return `${definition.slice(0, start)}concurrently ${quoted(name)}${rest}`;
}
