import type { CoveredStatement, Recipe } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { tightenForeignKeyRecipe } from './tighten-foreign-key.js';
import { guardedRecipe } from './tighten-guarded.js';
import { tightenNotNullRecipe } from './tighten-not-null.js';
import { tightenUniqueRecipe } from './tighten-unique.js';

/** Measure, stop new violators, repair, validate, promote; never in one ALTER. */
export function tightenRecipe(
  operation: TightenConstraint,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { rule } = operation;
  switch (rule.kind) {
    case 'not-null':
      return tightenNotNullRecipe(operation, rule.column, facts, covered);
    case 'unique':
      return tightenUniqueRecipe(operation, rule, facts, covered);
    case 'foreign-key':
      return tightenForeignKeyRecipe(operation, rule, facts, covered);
    case 'check':
    case 'max-length':
      return guardedRecipe(operation, rule, facts);
  }
}
