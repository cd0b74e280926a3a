import type { CoveredStatement, Recipe } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { tightenNotNullRecipe } from './tighten-not-null.js';
import { tightenUniqueRecipe } from './tighten-unique.js';
import { tightenValidatedRecipe } from './tighten-validated.js';

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
    case 'check':
    case 'foreign-key':
    case 'max-length':
      return tightenValidatedRecipe(operation, facts, covered);
  }
}
