import { createHash } from 'node:crypto';
import { qualify, quoteIdentifier } from '../../database/identifiers.js';
import type { LockTaken } from '../../statements/statement.js';
import type { ColumnFacts, TableFacts } from '../table-facts.js';
import type { TableName } from '../operation.js';

/** One identifier, quoted. */
export function quoted(name: string): string {
  return quoteIdentifier('postgresql', name);
}

/** A table, or another object of its schema, quoted and qualified. */
export function qualified({ schema, name }: TableName): string {
  return qualify('postgresql', schema, name);
}

/** A literal whose value is a text. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** SHA-256 of a function's body, as the facts have it. */
export function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** A lock on the operation's table. */
export function locks(
  facts: TableFacts,
  mode: string,
  work: LockTaken['work'] = 'metadata',
): readonly LockTaken[] {
  return [{ object: { kind: 'table', ...facts.table }, mode, work }];
}

/** A column by its name. */
export function columnOf(facts: TableFacts, name: string): ColumnFacts | null {
  return facts.columns.find((column) => column.name === name) ?? null;
}
