import type { CoveredStatement, Recipe } from '../operation-action.js';
import type { Operation } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { backfillRecipe } from './backfill-recipe.js';
import { changeTypeRecipe } from './change-column-type.js';
import { renameRecipe } from './rename-column.js';
import { tightenRecipe } from './tighten.js';

/** What MySQL and MariaDB make of an operation, of its table as it is and of the statements that a phase covers. Pure. */
export function recipeOf(
  operation: Operation,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  switch (operation.kind) {
    case 'rename-column':
      return renameRecipe(operation, facts, covered);
    case 'tighten':
      return tightenRecipe(operation, facts, covered);
    case 'backfill':
      return backfillRecipe(operation, facts);
    case 'change-column-type':
      return changeTypeRecipe(operation, facts, covered);
  }
}
