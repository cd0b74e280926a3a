import { newColumnOf, type ObjectNames, objectNames } from '../object-names.js';
import type { CoveredStatement, OperationAction, Recipe } from '../operation-action.js';
import type { ChangeColumnType } from '../operation.js';
import type { ColumnFacts, MysqlIndex, TableFacts } from '../table-facts.js';
import {
  behindLock,
  columnOf,
  createTrigger,
  hasOwnTriggers,
  hasTrigger,
  locks,
  movingColumns,
  type WantedTrigger,
} from './alterations.js';
import { changeTypeBlockers, isOfType } from './change-type-blockers.js';
import { ColumnDefinition } from './column-definition.js';
import { canonicalDefault, coveredColumn, coveredModification } from './covered.js';
import { arrivingIn, isText } from './new-type.js';
import { quote, tableSql } from './sql.js';
import { type ColumnPair, inSync, syncTriggers } from './sync-trigger.js';

/**
 * Gives a column another type by way of a second one, beside it, that two triggers keep in step.
 *
 * | phase | does |
 * | --- | --- |
 * | expand | ADD COLUMN `<column>__new` (INSTANT); BEFORE INSERT; BEFORE UPDATE |
 * | rows | new := up(old), where they are not in step |
 * | contract | its indexes and NOT NULL beside the writers; then, behind a table lock, the triggers and the old column go, the new one takes its name and its default |
 *
 * A MODIFY to another type copies the table on both servers, and no row can be written meanwhile.
 */
export function changeTypeRecipe(
  operation: ChangeColumnType,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const names = objectNames(operation);
  const next = newColumnOf(operation.column);
  const column = columnOf(facts, operation.column);
  const blockers = changeTypeBlockers(operation, facts, names, covered);
  if (column === undefined) return { ...NOTHING, blockers };
  const isThrough = (now: TableFacts): boolean => {
    const found = columnOf(now, operation.column);
    return (
      found !== undefined &&
      isOfType(found, operation.to, now) &&
      columnOf(now, next) === undefined &&
      !hasOwnTriggers(now, names)
    );
  };
  const change: Change = { operation, facts, names, next, column, covered, isThrough };
  if (isThrough(facts)) return { ...NOTHING, blockers, contract: finish(change) };
  const pair = pairOf(change);
  const triggers = triggersOf(change, pair);
  const from = quote(column.name);
  const rows = {
    set: { [next]: pair.up?.(from) ?? from },
    pending: `not ${inSync(pair, from, quote(next))}`,
    unfilled: `${quote(next)} is null`,
    keep: movingColumns(facts, next),
  };
  const create = [
    createTrigger(operation.table, 'create-insert-trigger', triggers.insert),
    createTrigger(operation.table, 'create-update-trigger', triggers.update),
  ];
  const isInterrupted =
    columnOf(facts, next) !== undefined &&
    !(hasTrigger(facts, triggers.insert) && hasTrigger(facts, triggers.update));
  return {
    blockers,
    expand: [addColumn(change), ...create],
    rows,
    verify: [],
    contract: [...mirrorIndexes(change), ...notNull(change), swap(change), ...finish(change)],
    undo: [takeBack(change)],
    // The old column is the one that is written throughout.
    recovery: isInterrupted ? { actions: create, rows } : null,
  };
}

const NOTHING: Omit<Recipe, 'blockers'> = {
  expand: [],
  rows: null,
  verify: [],
  contract: [],
  undo: [],
};

interface Change {
  readonly operation: ChangeColumnType;
  readonly facts: TableFacts;
  readonly names: ObjectNames;
  readonly next: string;
  readonly column: ColumnFacts;
  readonly covered: readonly CoveredStatement[];
  readonly isThrough: (facts: TableFacts) => boolean;
}

function pairOf({ operation, facts, next, column }: Change): ColumnPair {
  const fill = (template: string, value: string): string =>
    template.replaceAll('{value}', () => value);
  return {
    from: column,
    to: { name: next, type: operation.to.toLowerCase(), looseEquality: isText(operation.to) },
    up: (value) => fill(operation.up, value),
    down: (value) => fill(operation.down, value),
    arrives: (value) => arrivingIn(operation.to, value, column, facts.flavour),
    onConflict: 'error',
    operation: operation.name,
  };
}

function triggersOf(
  { names }: Change,
  pair: ColumnPair,
): { readonly insert: WantedTrigger; readonly update: WantedTrigger } {
  const bodies = syncTriggers(pair);
  return {
    insert: { name: names.beforeInsert, event: 'insert', body: bodies.insert },
    update: { name: names.beforeUpdate, event: 'update', body: bodies.update },
  };
}

/** Right behind the old one, whose place it takes: the end state has the columns in the order of the covered statement. */
function addColumn({ operation, next, column, isThrough }: Change): OperationAction {
  const { table, to } = operation;
  return {
    id: 'add-column',
    mode: 'autocommit',
    statements: [
      `ALTER TABLE ${tableSql(table)} ADD COLUMN ${quote(next)} ${to} NULL AFTER ${quote(column.name)}, ALGORITHM=INSTANT`,
    ],
    locks: locks(table, 'NONE', 'metadata'),
    isDone: (now) => {
      const added = columnOf(now, next);
      return isThrough(now) || (added !== undefined && isOfType(added, to, now));
    },
  };
}

/** What the column is in the end: as it was in all but its type, and as the covered statement has nullability and default. */
function finalDefinition({ operation, column, covered }: Change): ColumnDefinition {
  const own = ColumnDefinition.parse(column.definition ?? column.type).withType(operation.to);
  const statement = coveredColumn(covered, 'retypes', column.name);
  const said = statement === undefined ? null : coveredModification(statement.sql, column.name);
  return said === null ? own : own.withRulesOf(said);
}

/** Indexes over the old column, built over the new one under names of ours. */
function mirrors({ facts, column, names, next }: Change): readonly Mirror[] {
  const over = (facts.mysql?.indexes ?? []).filter(({ definition }) =>
    columnsPart(definition).includes(quote(column.name)),
  );
  return over.map((index, at) => ({ of: index, name: `${names.prefix}_i${at}`, next }));
}

interface Mirror {
  readonly of: MysqlIndex;
  readonly name: string;
  readonly next: string;
}

/** Without the comment, in which a name may stand as well. */
function columnsPart(definition: string): string {
  return definition.replace(/ COMMENT '(?:[^'\\]|\\.|'')*'/su, '');
}

function mirrorIndexes(change: Change): readonly OperationAction[] {
  const { operation, facts, column, isThrough } = change;
  return mirrors(change).map(({ of, name, next }) => {
    const columns = columnsPart(of.definition);
    const definition = of.definition.replace(
      columns,
      columns.replaceAll(quote(column.name), quote(next)),
    );
    const algorithm = facts.flavour === 'mariadb' ? 'NOCOPY' : 'INPLACE';
    return {
      id: `build-${of.name}`,
      mode: 'autocommit',
      statements: [
        `ALTER TABLE ${tableSql(operation.table)} ADD ${of.kind} ${quote(name)} ${definition}, ALGORITHM=${algorithm}, LOCK=NONE`,
      ],
      locks: locks(operation.table, 'NONE', 'index build'),
      isDone: (now) => isThrough(now) || now.indexes.some((index) => index.name === name),
    };
  });
}

/** The triggers fill what an INSERT leaves out, before the rule is checked. */
function notNull(change: Change): readonly OperationAction[] {
  const { operation, next, isThrough } = change;
  if (finalDefinition(change).nullable) return [];
  return [
    {
      id: 'set-not-null',
      mode: 'autocommit',
      statements: [
        `ALTER TABLE ${tableSql(operation.table)} MODIFY COLUMN ${quote(next)} ${operation.to} NOT NULL, ALGORITHM=INPLACE, LOCK=NONE`,
      ],
      locks: locks(operation.table, 'NONE', 'rewrite'),
      isDone: (now) => isThrough(now) || columnOf(now, next)?.nullable === false,
    },
  ];
}

function swap(change: Change): OperationAction {
  const { operation, facts, next, column, isThrough } = change;
  const alter = `ALTER TABLE ${tableSql(operation.table)}`;
  const built = mirrors(change);
  const indexes = [
    ...built.map(({ of }) => `DROP INDEX ${quote(of.name)}`),
    ...built.map(({ of, name }) => `RENAME INDEX ${quote(name)} TO ${quote(of.name)}`),
  ];
  return behindLock(
    operation,
    facts,
    'swap',
    [
      // A column that stands in an index cannot be dropped INSTANT.
      ...(indexes.length === 0
        ? []
        : [`${alter} ${indexes.join(', ')}, ALGORITHM=INPLACE, LOCK=NONE`]),
      `${alter} DROP COLUMN ${quote(column.name)}, RENAME COLUMN ${quote(next)} TO ${quote(column.name)}, ALGORITHM=INSTANT`,
      ...settle(change),
    ],
    isThrough,
  );
}

/** Default, comment and the like, which the new column could not have while the triggers asked whether it was written. */
function settle(change: Change): readonly string[] {
  const { operation, column } = change;
  const definition = finalDefinition(change);
  if (isPlain(definition)) return [];
  return [
    `ALTER TABLE ${tableSql(operation.table)} MODIFY COLUMN ${quote(column.name)} ${definition.toString()}, ALGORITHM=INSTANT`,
  ];
}

function isPlain(definition: ColumnDefinition): boolean {
  const plain = ['NOT NULL', 'DEFAULT NULL', 'NULL', ''];
  return plain.includes(definition.toString().slice(definition.type.length).trim());
}

/** Where a death behind the swap's ALTER left the column without its default. */
function finish(change: Change): readonly OperationAction[] {
  const { operation, column, covered } = change;
  const statement = coveredColumn(covered, 'retypes', column.name);
  const said = statement === undefined ? null : coveredModification(statement.sql, column.name);
  if (said === null) return [];
  return [
    {
      id: 'settle',
      mode: 'autocommit',
      statements: settle(change),
      locks: locks(operation.table, 'NONE', 'metadata'),
      isDone: (now) =>
        canonicalDefault(columnOf(now, column.name)?.default ?? null) ===
        canonicalDefault(said.default),
    },
  ];
}

function takeBack(change: Change): OperationAction {
  const { operation, facts, names, next } = change;
  const isIndexed = facts.indexes.some(({ columns }) => columns.includes(next));
  const drop = `ALTER TABLE ${tableSql(operation.table)} DROP COLUMN ${quote(next)}, ALGORITHM=${isIndexed ? 'INPLACE, LOCK=NONE' : 'INSTANT'}`;
  return behindLock(
    operation,
    facts,
    'drop-new',
    columnOf(facts, next) === undefined ? [] : [drop],
    (now) => columnOf(now, next) === undefined && !hasOwnTriggers(now, names),
  );
}
