import type { Blocker, Recipe } from '../operation-action.js';
import type { Backfill } from '../operation.js';
import { keyOf } from '../table-key.js';
import type { TableFacts } from '../table-facts.js';
import { columnMissing, error, rowBlockers, tableBlockers } from './blockers.js';
import { columnOf } from './sql.js';

/** Rows only: no object is made, so nothing has to be taken away. */
export function backfillRecipe(operation: Backfill, facts: TableFacts): Recipe {
  return {
    blockers: blockers(operation, facts),
    expand: [],
    rows: { set: operation.set ?? {}, pending: operation.where, keep: [] },
    verify: [],
    contract: [],
    undo: [],
  };
}

function blockers({ set }: Backfill, facts: TableFacts): Blocker[] {
  const found = [...tableBlockers(facts, { ddl: false }), ...rowBlockers(facts)];
  const key = keyOf(facts) ?? [];
  for (const name of Object.keys(set ?? {})) {
    found.push(...columnMissing(facts, name));
    if (columnOf(facts, name)?.generated != null)
      found.push(
        error(
          'generated',
          `Column ${name} is generated and cannot be set.`,
          'Set the columns that it is made of.',
        ),
      );
    if (key.some(({ column }) => column === name))
      found.push(
        error(
          'key',
          `Column ${name} is part of the key by which rows are gone through.`,
          'Set another column.',
        ),
      );
  }
  return found;
}
