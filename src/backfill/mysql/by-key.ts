import { qualify, quoteIdentifier } from '../../database/identifiers.js';
import type { BackfillSpec } from '../backfill.js';

/**
 * The table as FROM and UPDATE name it, gone through by its key. Left to itself the optimizer of MySQL 9.7 finds the next key by a skip scan of
 * another index, which holds the primary key too, and sorts what it finds: the whole table for each chunk (measured).
 */
export function byKey({ table, keyIndex }: BackfillSpec): string {
  const name = qualify('mysql', table.schema, table.name);
  return `${name} force index (${quoteIdentifier('mysql', keyIndex)})`;
}
