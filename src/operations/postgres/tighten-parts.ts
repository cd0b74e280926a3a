import { objectNames } from '../object-names.js';
import type { Blocker, RowWork } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { columnMissing, error, rowBlockers, tableBlockers, triggerBlockers } from './blockers.js';
import { columnOf } from './sql.js';

/** What it takes to bring violators up to the rule, or to count them. */
export function tightenRows({ repair }: TightenConstraint, violated: string): RowWork {
  return { set: repair ?? {}, pending: violated, keep: [] };
}

/** What speaks against any tightening, and columns that are not there or cannot be repaired. */
export function tightenBlockers(
  operation: TightenConstraint,
  facts: TableFacts,
  columns: readonly string[],
): Blocker[] {
  const table = tableBlockers(facts, { ddl: true });
  if (facts.kind === 'missing') return table;
  const repaired = Object.keys(operation.repair ?? {});
  const found = [...table, ...rowBlockers(facts)];
  for (const name of new Set([...columns, ...repaired])) found.push(...columnMissing(facts, name));
  for (const name of repaired)
    if (columnOf(facts, name)?.generated != null)
      found.push(
        error(
          'generated',
          `Column ${name} is generated and cannot be repaired.`,
          'Repair the columns that it is made of.',
        ),
      );
  if (repaired.length > 0) found.push(...triggerBlockers(facts, objectNames(operation)));
  return found;
}
