import { isOwnName, newColumnOf, type ObjectNames } from '../object-names.js';
import type { Blocker, CoveredStatement } from '../operation-action.js';
import type { ChangeColumnType } from '../operation.js';
import type { ColumnFacts, TableFacts } from '../table-facts.js';
import { columnOf, hasOwnTriggers } from './alterations.js';
import { error, tableBlockers, warning } from './blockers.js';
import { hasCollationOf } from './collations.js';
import { ColumnDefinition } from './column-definition.js';
import { canonicalType, coveredColumn, coveredModification } from './covered.js';

/** Whether the column has the type that DDL names, character set and collation aside. */
export function isOfType(column: ColumnFacts, type: string, { flavour }: TableFacts): boolean {
  const bare = type.replace(/\s(?:character set|charset|collate)\s.*$/is, '');
  return canonicalType(column.type, flavour) === canonicalType(bare, flavour);
}

/** What speaks against giving a column another type. Pure. */
export function changeTypeBlockers(
  operation: ChangeColumnType,
  facts: TableFacts,
  names: ObjectNames,
  covered: readonly CoveredStatement[],
): Blocker[] {
  const blockers = tableBlockers(facts, names, {
    rows: true,
    triggers: true,
    tableLock: true,
    rowVersions: rowVersionsLeft(operation, facts, names),
  });
  if (facts.columns.length === 0) return blockers;
  const column = columnOf(facts, operation.column);
  if (column === undefined) {
    return [
      ...blockers,
      error(
        'no-column',
        `${facts.table.name} has no column ${operation.column}.`,
        'Check the names in the definition.',
      ),
    ];
  }
  return [
    ...blockers,
    ...kindBlockers(facts, column),
    ...collationBlockers(operation, facts, column),
    ...nextBlockers(operation, facts, names),
    ...coveredBlockers(operation, facts, column, covered),
    ...dependentBlockers(facts, column),
  ];
}

/** ADD COLUMN at expand, DROP COLUMN at contract: what is done already has been counted by the server. */
function rowVersionsLeft(
  { column, to }: ChangeColumnType,
  facts: TableFacts,
  names: ObjectNames,
): number {
  if (columnOf(facts, newColumnOf(column)) !== undefined) return 1;
  const found = columnOf(facts, column);
  const isThrough =
    found !== undefined && isOfType(found, to, facts) && !hasOwnTriggers(facts, names);
  return isThrough ? 0 : 2;
}

function kindBlockers(facts: TableFacts, column: ColumnFacts): Blocker[] {
  const refuse = (what: string): Blocker[] => [
    error(
      'column-kind',
      `${column.name} is ${what}, whose place a second column cannot take.`,
      'Change its type in a window, or hand the table to gh-ost or spirit.',
    ),
  ];
  if (column.generated !== null) return refuse('a generated column');
  if (column.identity) return refuse('an AUTO_INCREMENT column');
  if (facts.indexes.some(({ primary, columns }) => primary && columns.includes(column.name))) {
    return refuse('part of the primary key');
  }
  if (column.definition === null)
    return refuse('a column whose definition cannot be repeated as text');
  return [];
}

/**
 * The end is told by the type: a change of the collation alone could not be told from one that was made. A column that has the collation
 * too is not to be changed: that of a contract which died behind its swap.
 */
function collationBlockers(
  { to }: ChangeColumnType,
  facts: TableFacts,
  column: ColumnFacts,
): Blocker[] {
  if (hasCollationOf(column, ColumnDefinition.parse(to)) || !isOfType(column, to, facts)) return [];
  return [
    error(
      'collation-only',
      `${column.name} has that type already: its collation alone is not changed by this operation.`,
      'Hand the table to gh-ost or spirit, or change it in a window.',
    ),
  ];
}

function nextBlockers(
  { column, to }: ChangeColumnType,
  facts: TableFacts,
  names: ObjectNames,
): Blocker[] {
  const next = columnOf(facts, newColumnOf(column));
  if (next === undefined || hasOwnTriggers(facts, names) || isOfType(next, to, facts)) return [];
  return [
    error(
      'column-exists',
      `${facts.table.name} has a column ${next.name} already, of another type.`,
      'Drop or rename that column.',
    ),
  ];
}

function coveredBlockers(
  { to }: ChangeColumnType,
  facts: TableFacts,
  column: ColumnFacts,
  covered: readonly CoveredStatement[],
): Blocker[] {
  const statement = coveredColumn(covered, 'retypes', column.name);
  if (statement === undefined) return [];
  const said = coveredModification(statement.sql, column.name);
  const refuse = (problem: string): Blocker[] => [
    error(
      'covered-column',
      `Line ${statement.line} ${problem}.`,
      'Make the operation and schema.ts say the same.',
    ),
  ];
  if (said === null) return refuse(`is not a plain MODIFY of ${column.name}`);
  const { flavour } = facts;
  const wanted = ColumnDefinition.parse(to);
  const differs =
    canonicalType(said.type, flavour) !== canonicalType(wanted.type, flavour) ||
    !isSameWord(said.characterSet, wanted.characterSet) ||
    !isSameWord(said.collation, wanted.collation);
  return differs ? refuse(`gives ${column.name} another type than the operation (${to})`) : [];
}

function isSameWord(one: string | null, other: string | null): boolean {
  return one?.toLowerCase() === other?.toLowerCase();
}

/** What would go with the old column, or keep it. */
function dependentBlockers(facts: TableFacts, column: ColumnFacts): Blocker[] {
  const own = (columns: readonly (string | null)[]): boolean => columns.includes(column.name);
  const again = 'Drop it before expand, and make it again behind the contract.';
  return [
    ...facts.dependents
      .filter(({ certain, columns }) => certain && own(columns))
      .map(({ name }) =>
        error(
          'generated column',
          `Generated column ${name} is computed from ${column.name}.`,
          again,
        ),
      ),
    ...facts.checks
      .filter(({ columns, name }) => own(columns) && name !== column.name)
      .map(({ name }) => error('check', `CHECK ${name} names ${column.name}.`, again)),
    ...facts.foreignKeys
      .filter(({ columns }) => own(columns))
      .map(({ name }) =>
        error('foreign-key', `Foreign key ${name} is tied to ${column.name}.`, again),
      ),
    ...facts.triggers
      .filter(({ name, columns }) => !isOwnName(name) && columns?.includes(column.name))
      .map(({ name }) =>
        warning(
          'trigger',
          `Trigger ${name} names ${column.name}, and will see the new type.`,
          'See that it can do with both.',
        ),
      ),
  ];
}
