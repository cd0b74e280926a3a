import { MigratorError } from '../errors.js';
import type { RowWork } from '../operations/operation-action.js';
import type { Operation } from '../operations/operation.js';
import { isOwnName } from '../operations/object-names.js';
import { rowKeyOf } from '../operations/table-key.js';
import type { TableFacts } from '../operations/table-facts.js';
import type { BackfillSpec } from './backfill.js';

/**
 * What the rows of an operation come to: which key they are gone through by, and what is done to each.
 *
 * @throws {MigratorError} `OPERATION_REFUSED` for a table without a key
 */
export function backfillSpecOf(
  operation: Operation,
  facts: TableFacts,
  rows: RowWork,
): BackfillSpec {
  const key = rowKeyOf(facts);
  if (key === null) {
    throw new MigratorError('OPERATION_REFUSED', {
      message: `Operation ${operation.name} cannot go through the rows of ${operation.table.name}: the table has neither a primary key nor a unique key that is NOT NULL.`,
      state: 'No row was changed.',
      remedy: 'Give the table a primary key first.',
    });
  }
  return {
    id: operation.name,
    table: operation.table,
    key: key.columns,
    keyIndex: key.index,
    set: rows.set,
    pending: rows.pending,
    keep: rows.keep,
    rows: operation.kind === 'backfill' ? operation.rows : null,
    firesTriggers: facts.triggers.some(({ name, enabled }) => enabled && !isOwnName(name)),
    settings: operation.backfill,
  };
}
