import { newColumnOf, objectNames } from '../object-names.js';
import type { Blocker, CoveredStatement } from '../operation-action.js';
import type { ChangeColumnType } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import {
  columnMissing,
  dependentBlockers,
  error,
  mentionWarnings,
  rowBlockers,
  tableBlockers,
  triggerBlockers,
} from './blockers.js';
import { findCovered } from './find-covered.js';
import { sameType } from './same-type.js';
import { columnOf, qualified } from './sql.js';

const BY_HAND =
  'Drop it before expand and make it again after contract, or change the type in a window of your own.';

/** What keeps a column from being replaced by one of another type. */
export function changeTypeBlockers(
  operation: ChangeColumnType,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
  expanded: boolean,
  swapped: boolean,
): Blocker[] {
  const { column } = operation;
  const names = objectNames(operation);
  const table = tableBlockers(facts, { ddl: true });
  if (facts.kind === 'missing') return table;
  if (swapped && expanded === false && findCovered(covered, 'change type') !== null) return table;
  const old = columnOf(facts, column);
  const found = [
    ...table,
    ...rowBlockers(facts),
    ...triggerBlockers(facts, names),
    ...columnMissing(facts, column),
  ];
  if (old === null) return found;
  const next = newColumnOf(column);
  if (columnOf(facts, next) !== null && !expanded)
    found.push(
      error(
        'column-exists',
        `${qualified(facts.table)} has a column ${next} already, without the trigger of this operation.`,
        'Drop or rename that column.',
      ),
    );
  if (old.generated !== null || old.identity)
    found.push(
      error(
        old.identity ? 'identity' : 'generated',
        `Column ${column} gets its values from the database (${old.identity ? 'identity' : 'generated'}), which its successor could not.`,
        BY_HAND,
      ),
    );
  const type = findCovered(covered, 'change type')?.change.type;
  if (type !== undefined && !sameType(type, operation.to))
    found.push(
      error(
        'type-differs',
        `The covered statement makes column ${column} ${type}, and the operation ${operation.to}.`,
        'Let both name the same type.',
      ),
    );
  found.push(
    ...dependentBlockers(facts, {
      column,
      phase: 'expand',
      severity: 'error',
      remedy: BY_HAND,
    }),
    ...constraintBlockers(facts, column),
    ...mentionWarnings(facts, column),
  );
  return found;
}

function constraintBlockers(facts: TableFacts, column: string): Blocker[] {
  const found = facts.foreignKeys
    .filter(({ direction, columns }) => direction === 'out' && columns.includes(column))
    .map(({ name }) =>
      error('foreign-key', `Foreign key ${name} is over column ${column}.`, BY_HAND),
    );
  for (const { name, columns, deferrable, definition } of facts.postgres?.constraints ?? []) {
    if (!columns.includes(column)) continue;
    if (definition.startsWith('EXCLUDE'))
      found.push(error('exclusion', `Constraint ${name} excludes by column ${column}.`, BY_HAND));
    else if (deferrable && !definition.startsWith('FOREIGN'))
      found.push(
        error('deferrable', `Constraint ${name} is deferrable, which an index cannot be.`, BY_HAND),
      );
  }
  if (facts.postgres?.grantedColumns.includes(column) === true)
    found.push(
      error(
        'column-grants',
        `Column ${column} has privileges of its own.`,
        'Revoke them before expand and grant them again after contract.',
      ),
    );
  const indexed = facts.postgres?.indexes.some(({ columns }) => columns.includes(column)) === true;
  if (facts.kind === 'partitioned' && indexed)
    found.push(
      error(
        'partitioned',
        `Indexes over column ${column} of a partitioned table cannot be built beside the writers.`,
        BY_HAND,
      ),
    );
  return found;
}
