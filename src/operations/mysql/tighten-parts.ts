import { objectNames } from '../object-names.js';
import type { Blocker, RowWork } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { columnOf, movingColumns } from './alterations.js';
import { error, type Needs, tableBlockers } from './blockers.js';

/** What it takes to bring violators up to the rule, or to count them. */
export function tightenRows(
  { repair }: TightenConstraint,
  facts: TableFacts,
  violated: string,
): RowWork {
  const set = repair ?? {};
  return { set, pending: violated, keep: movingColumns(facts, ...Object.keys(set)) };
}

/** What speaks against any tightening, and columns that are not there. */
export function tightenBlockers(
  operation: TightenConstraint,
  facts: TableFacts,
  needs: Needs,
  columns: readonly string[],
): Blocker[] {
  const blockers = tableBlockers(facts, objectNames(operation), needs);
  if (facts.columns.length === 0) return blockers;
  const missing = [...columns, ...Object.keys(operation.repair ?? {})].filter(
    (column) => columnOf(facts, column) === undefined,
  );
  return [
    ...blockers,
    ...missing.map((column) =>
      error(
        'no-column',
        `${facts.table.name} has no column ${column}.`,
        'Check the names in the definition.',
      ),
    ),
  ];
}
