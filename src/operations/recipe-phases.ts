import type { OperationAction, Recipe } from './operation-action.js';
import type { Phase } from './operation.js';

/** What stops a phase; what stops only contract is for contract to say. */
export function blockersOf({ blockers }: Recipe, phase: Phase): Recipe['blockers'] {
  return blockers.filter(
    ({ severity, phase: first }) =>
      severity === 'error' && (first !== 'contract' || phase === 'contract'),
  );
}

/** The actions of a phase; a backfill has none, it goes through rows. */
export function actionsOf(recipe: Recipe, phase: Phase): readonly OperationAction[] {
  switch (phase) {
    case 'expand':
      return recipe.expand;
    case 'verify':
      return recipe.verify;
    case 'contract':
      return recipe.contract;
    case 'backfill':
      return [];
  }
}
