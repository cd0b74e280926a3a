import type { CoveredStatement, Recipe } from '../operation-action.js';
import type { Operation } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { renameRecipe } from './rename-column.js';

/** What MySQL and MariaDB make of an operation, of its table as it is and of the statements that a phase covers. Pure. */
export function recipeOf(
  operation: Operation,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  switch (operation.kind) {
    case 'rename-column':
      return renameRecipe(operation, facts, covered);
    case 'change-column-type':
    case 'tighten':
    case 'backfill':
      throw new RangeError(operation.kind);
  }
}
