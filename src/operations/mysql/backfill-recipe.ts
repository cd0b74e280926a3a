import { objectNames } from '../object-names.js';
import type { Recipe } from '../operation-action.js';
import type { Backfill } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { columnOf, movingColumns } from './alterations.js';
import { error, tableBlockers } from './blockers.js';

/** Rows without a change of the schema. */
export function backfillRecipe(operation: Backfill, facts: TableFacts): Recipe {
  const set = operation.set ?? {};
  const missing = Object.keys(set).filter((column) => columnOf(facts, column) === undefined);
  const blockers = tableBlockers(facts, objectNames(operation), {
    rows: true,
    triggers: false,
    tableLock: false,
    rowVersions: 0,
  });
  return {
    blockers: [
      ...blockers,
      ...(facts.columns.length === 0 ? [] : missing).map((column) =>
        error(
          'no-column',
          `${facts.table.name} has no column ${column}.`,
          'Check the names in the definition.',
        ),
      ),
    ],
    expand: [],
    rows: { set, pending: operation.where, keep: movingColumns(facts, ...Object.keys(set)) },
    verify: [],
    contract: [],
    undo: [],
  };
}
