import type { ObjectNames } from '../object-names.js';
import type { TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { quoted } from './sql.js';
import type { RowTrigger } from './sync-function.js';

/**
 * Repairs what is written while a rule is not promoted yet: old versions of the application go on as before, and rows that violate the rule
 * can be updated although its constraint, NOT VALID, is held against every new version of a row. null = nothing to repair with.
 *
 * @param violated SQL over the row's columns that is true for a violating row
 */
export function repairTrigger(
  operation: TightenConstraint,
  names: ObjectNames,
  facts: TableFacts,
  violated: string,
): RowTrigger | null {
  if (operation.repair === null) return null;
  const entries = Object.entries(operation.repair);
  // The row as a table of one row: the user's expressions name its columns as they do in an UPDATE.
  const row = `(select new.*) as ${quoted(facts.table.name)}`;
  const body = `
#variable_conflict use_column
begin
  if (select ${violated} from ${row}) then
    select ${entries.map(([, sql]) => `(${sql})`).join(', ')}
      into ${entries.map(([column]) => `new.${quoted(column)}`).join(', ')} from ${row};
  end if;
  return new;
end`;
  return { names, body, searchPath: 'current' };
}
