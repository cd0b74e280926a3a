import type { CoveredStatement, OperationAction, Recipe } from '../operation-action.js';
import type { Rule, TightenConstraint } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { locks } from './alterations.js';
import { asserted } from './covered.js';
import { quote, tableSql } from './sql.js';
import { tightenBlockers, tightenRows } from './tighten-parts.js';
import { violation } from './violation.js';

type ForeignKey = Extract<Rule, { kind: 'foreign-key' }>;

/**
 * FOREIGN KEY: added at expand with foreign_key_checks off, which is INPLACE and looks at no row; from then on the server guards all writers,
 * whose checks are on. Counting orphans at verify, behind it, is the validation: zero then is zero for good.
 */
export function tightenForeignKeyRecipe(
  operation: TightenConstraint,
  rule: ForeignKey,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  return {
    blockers: tightenBlockers(
      operation,
      facts,
      { rows: true, triggers: false, tableLock: false, rowVersions: 0 },
      rule.columns,
    ),
    expand: [addForeignKey(operation, rule, facts, covered)],
    rows: tightenRows(operation, facts, violation(rule, facts)),
    verify: [],
    contract: [],
    undo: [dropForeignKey(operation, rule, facts)],
  };
}

function addForeignKey(
  { table }: TightenConstraint,
  rule: ForeignKey,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): OperationAction {
  const { constraint, columns, references, onDelete, onUpdate } = rule;
  const added = covered.find(({ effects }) => effects.some(({ effect }) => effect === 'adds'));
  const parent = {
    schema: references.table.schema ?? table.schema,
    name: references.table.name,
  };
  const sql =
    added?.sql ??
    `ALTER TABLE ${tableSql(table)} ADD CONSTRAINT ${quote(constraint)} FOREIGN KEY (${columns.map(quote).join(', ')})
  REFERENCES ${tableSql(parent)} (${references.columns.map(quote).join(', ')}) ON DELETE ${onDelete.toUpperCase()} ON UPDATE ${onUpdate.toUpperCase()}`;
  return {
    id: 'add-foreign-key',
    mode: 'autocommit',
    statements: ['SET SESSION foreign_key_checks = 0', asserted(sql, 'INPLACE', 'NONE')],
    restore: ['SET SESSION foreign_key_checks = 1'],
    locks: [
      ...locks(table, 'NONE', hasIndex(facts, columns) ? 'metadata' : 'index build'),
      ...locks(parent, 'NONE', 'metadata'),
    ],
    isDone: (now) => hasForeignKey(now, constraint),
  };
}

/** The index that the server makes for a key which finds none is called like it, and goes with it. */
function dropForeignKey(
  { table }: TightenConstraint,
  { constraint, columns }: ForeignKey,
  facts: TableFacts,
): OperationAction {
  const own = facts.indexes.some(
    (index) =>
      index.name === constraint && JSON.stringify(index.columns) === JSON.stringify(columns),
  );
  const clauses = [
    `DROP FOREIGN KEY ${quote(constraint)}`,
    ...(own ? [`DROP INDEX ${quote(constraint)}`] : []),
  ];
  return {
    id: 'drop-foreign-key',
    mode: 'autocommit',
    statements: [
      `ALTER TABLE ${tableSql(table)} ${clauses.join(', ')}, ALGORITHM=INPLACE, LOCK=NONE`,
    ],
    locks: locks(table, 'NONE', 'metadata'),
    isDone: (now) => !hasForeignKey(now, constraint),
  };
}

function hasForeignKey(facts: TableFacts, constraint: string): boolean {
  return facts.foreignKeys.some(
    ({ name, direction }) => name === constraint && direction === 'out',
  );
}

function hasIndex({ indexes }: TableFacts, columns: readonly string[]): boolean {
  return indexes.some((index) => columns.every((column, at) => index.columns[at] === column));
}
