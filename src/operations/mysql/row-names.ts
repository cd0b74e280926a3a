import { Cursor } from '../../statements/cursor.js';
import type { TableFacts } from '../table-facts.js';
import { columnOf } from './alterations.js';
import { quote } from './sql.js';

/**
 * SQL over the columns of a row, as it reads in a trigger: each name that stands for a column, by itself or behind the table's name, becomes
 * one of the row before or after. What is called, or belongs to another table, stays.
 */
export function inRow(expression: string, facts: TableFacts, row: 'NEW' | 'OLD'): string {
  const cursor = new Cursor(expression, 'mysql');
  let result = '';
  let copied = 0;
  for (let token = cursor.peek(); token !== undefined; token = cursor.peek()) {
    const isQualified = cursor.peek(-1)?.text === '.';
    const name = cursor.identifier();
    if (name === null) {
      cursor.skip();
      continue;
    }
    let last = token;
    let column = name;
    if (cursor.isText('.') && name === facts.table.name) {
      cursor.skip();
      last = cursor.peek() ?? token;
      column = cursor.identifier() ?? name;
    }
    if (isQualified || cursor.isText('(') || cursor.isText('.')) continue;
    const found = columnOf(facts, column);
    if (found === undefined) continue;
    result += `${expression.slice(copied, token.start)}${row}.${quote(found.name)}`;
    copied = last.start + last.text.length;
  }
  return result + expression.slice(copied);
}
