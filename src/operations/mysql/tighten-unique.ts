import type { CoveredStatement, Recipe } from '../operation-action.js';
import type { Rule, TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { keyOf } from '../table-key.js';
import { locks } from './alterations.js';
import { asserted } from './covered.js';
import { quote, tableSql } from './sql.js';
import { tightenBlockers } from './tighten-parts.js';
import { duplicateGroups } from './violation.js';

/**
 * UNIQUE: duplicates are counted; then the index is built beside the writers. Duplicates that arrive
 * meanwhile make the build fail at its end (1062), and leave nothing behind.
 */
export function tightenUniqueRecipe(
  operation: TightenConstraint,
  rule: Extract<Rule, { kind: 'unique' }>,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { table } = operation;
  const columns = rule.columns.map(quote).join(', ');
  const statement = covered.find(({ effects }) => effects.some(({ effect }) => effect === 'adds'));
  const sql =
    statement?.sql ??
    `ALTER TABLE ${tableSql(table)} ADD CONSTRAINT ${quote(rule.constraint)} UNIQUE (${columns})`;
  return {
    blockers: tightenBlockers(
      operation,
      facts,
      { rows: false, triggers: false, tableLock: false, rowVersions: 0 },
      rule.columns,
    ),
    expand: [],
    rows: null,
    violations: duplicates(rule, facts),
    verify: [],
    contract: [
      {
        id: 'add-unique',
        mode: 'autocommit',
        statements: [asserted(sql, facts.flavour === 'mariadb' ? 'NOCOPY' : 'INPLACE', 'NONE')],
        locks: locks(table, 'NONE', 'index build'),
        isDone: (now) => now.indexes.some(({ name, unique }) => name === rule.constraint && unique),
      },
    ],
    undo: [],
  };
}

function duplicates(
  rule: Extract<Rule, { kind: 'unique' }>,
  facts: TableFacts,
): NonNullable<Recipe['violations']> {
  const groups = duplicateGroups(rule.columns, facts);
  const columns = rule.columns.map(quote).join(', ');
  const key = keyOf(facts)
    ?.map(({ column }) => quote(column))
    .join(', ');
  return {
    count: `select cast(count(*) as char) as count from (${groups}) as duplicates`,
    sample:
      key === undefined
        ? null
        : `select ${key} from ${tableSql(facts.table)} where (${columns}) in (${groups}) order by ${columns}, ${key} limit 20`,
  };
}
