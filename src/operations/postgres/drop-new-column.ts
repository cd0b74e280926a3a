import type { ObjectNames } from '../object-names.js';
import type { OperationAction } from '../operation-action.js';
import type { TableFacts } from '../table-facts.js';
import { locks, qualified, quoted } from './sql.js';
import { dropTrigger, isPresent } from './sync-function.js';

/** Takes a second column away again, with what kept it in step. */
export function dropNewColumn(
  facts: TableFacts,
  names: ObjectNames,
  column: string,
): OperationAction {
  const drop = dropTrigger(facts, names);
  return {
    id: 'drop-new',
    mode: 'transaction',
    // Column, function and trigger came in one transaction: without them, a column of that name is somebody else's.
    statements: isPresent(facts, names)
      ? [
          drop.trigger,
          `alter table ${qualified(facts.table)} drop column if exists ${quoted(column)}`,
          drop.function,
        ]
      : [],
    locks: locks(facts, 'ACCESS EXCLUSIVE'),
    isDone: (now) => !isPresent(now, names),
  };
}
