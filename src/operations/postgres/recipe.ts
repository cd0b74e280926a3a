import type { CoveredStatement, Recipe } from '../operation-action.js';
import type { Operation } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { backfillRecipe } from './backfill-rows.js';
import { changeColumnTypeRecipe } from './change-column-type.js';
import { renameColumnRecipe } from './rename-column.js';
import { tightenRecipe } from './tighten.js';

/**
 * Everything that Postgres does for one operation. Pure.
 *
 * @param facts of now: what is there already is not made again
 * @param covered statements of the phase that is to run (or of all of them); each is used in the phase that it belongs to
 */
export function recipeOf(
  operation: Operation,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  switch (operation.kind) {
    case 'rename-column':
      return renameColumnRecipe(operation, facts, covered);
    case 'change-column-type':
      return changeColumnTypeRecipe(operation, facts, covered);
    case 'tighten':
      return tightenRecipe(operation, facts, covered);
    case 'backfill':
      return backfillRecipe(operation, facts);
  }
}
