import { type ObjectNames, objectNames } from '../object-names.js';
import type { CoveredStatement, OperationAction, Recipe, RowWork } from '../operation-action.js';
import type { RenameColumn } from '../operation.js';
import type { ColumnFacts, TableFacts } from '../table-facts.js';
import {
  behindLock,
  columnOf,
  createTrigger,
  hasOwnTriggers,
  hasTrigger,
  locks,
  movingColumns,
  triggerOf,
  type WantedTrigger,
} from './alterations.js';
import { ColumnDefinition } from './column-definition.js';
import { asserted, coveredColumn } from './covered.js';
import { type ContractForm, isTwin, renameBlockers } from './rename-blockers.js';
import { quote, sameBytes, tableSql } from './sql.js';
import { syncTriggers } from './sync-trigger.js';

/**
 * Renames a column by way of a second one that two triggers keep equal.
 *
 * | phase | does |
 * | --- | --- |
 * | expand | ADD COLUMN (INSTANT); BEFORE INSERT; BEFORE UPDATE |
 * | rows | new := old, where their bytes differ |
 * | contract, drop-old | behind a table lock: both triggers and the old column go |
 * | contract, swap | behind a table lock: both triggers and the new column go, the old one takes its name |
 *
 * The table lock makes writers wait for the milliseconds between the triggers and the columns: without it, what is written to the new
 * column in between would be dropped with it. The DDL inside does not release it (measured on both servers). A death in that gap leaves
 * both columns without a trigger; the recovery brings the old column up to the new one, the only one that is written at that time.
 */
export function renameRecipe(
  operation: RenameColumn,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const names = objectNames(operation);
  const form = contractForm(operation, covered);
  const from = columnOf(facts, operation.from);
  if (from === undefined) return afterwards(operation, facts, names, form, covered);
  const rename: Rename = { operation, facts, names, form, covered, from };
  const triggers = syncTriggersOf(rename, 'forward');
  return {
    blockers: renameBlockers(operation, facts, names, form, covered),
    expand: [
      addColumn(rename),
      createTrigger(operation.table, 'create-insert-trigger', triggers.insert),
      createTrigger(operation.table, 'create-update-trigger', triggers.update),
    ],
    rows: rowWork(rename, operation.from, operation.to),
    verify: [],
    contract: contract(rename),
    undo: [...dropIndexes(rename, operation.to), takeBack(rename)],
    recovery: recovery(rename),
  };
}

interface Rename {
  readonly operation: RenameColumn;
  readonly facts: TableFacts;
  readonly names: ObjectNames;
  readonly form: ContractForm;
  readonly covered: readonly CoveredStatement[];
  readonly from: ColumnFacts;
}

/** The form whose end state is that of the covered statements: what Drizzle Kit makes of a new column is the removal of the old one. */
function contractForm(
  { from, to }: RenameColumn,
  covered: readonly CoveredStatement[],
): ContractForm {
  const replaces =
    coveredColumn(covered, 'removes', from) !== undefined ||
    coveredColumn(covered, 'adds', to) !== undefined;
  return replaces ? 'drop-old' : 'swap';
}

/** The old column is gone: the contract is through, or there never was one. */
function afterwards(
  operation: RenameColumn,
  facts: TableFacts,
  names: ObjectNames,
  form: ContractForm,
  covered: readonly CoveredStatement[],
): Recipe {
  const isThrough = isRenamed(operation, facts, names);
  const pending = (id: string): OperationAction => ({
    id,
    mode: 'autocommit',
    statements: [],
    locks: [],
    isDone: (now) => isRenamed(operation, now, names),
  });
  return {
    blockers: isThrough ? [] : renameBlockers(operation, facts, names, form, covered),
    expand: [pending('add-column')],
    rows: null,
    verify: [],
    contract: [pending(form), ...dropGone(operation, facts, names)],
    undo: [],
    recovery: null,
  };
}

/** What a swap that died before its last statement left of the new column. */
function dropGone(
  { table }: RenameColumn,
  facts: TableFacts,
  names: ObjectNames,
): readonly OperationAction[] {
  const gone = goneColumn(names);
  if (columnOf(facts, gone) === undefined) return [];
  return [
    {
      id: 'drop-gone',
      mode: 'autocommit',
      statements: [`ALTER TABLE ${tableSql(table)} DROP COLUMN ${quote(gone)}, ALGORITHM=INSTANT`],
      locks: locks(table, 'NONE', 'metadata'),
      isDone: (now) => columnOf(now, gone) === undefined,
    },
  ];
}

function goneColumn({ prefix }: ObjectNames): string {
  return `${prefix}_gone`;
}

function isRenamed({ from, to }: RenameColumn, facts: TableFacts, names: ObjectNames): boolean {
  return (
    columnOf(facts, from) === undefined &&
    columnOf(facts, to) !== undefined &&
    !hasOwnTriggers(facts, names)
  );
}

function addColumn({ operation, covered, from }: Rename): OperationAction {
  const { table, to } = operation;
  const statement = coveredColumn(covered, 'adds', to);
  const definition = ColumnDefinition.parse(from.definition ?? from.type).bare();
  const sql =
    statement?.sql ?? `ALTER TABLE ${tableSql(table)} ADD COLUMN ${quote(to)} ${definition}`;
  return {
    id: 'add-column',
    mode: 'autocommit',
    statements: [asserted(sql, 'INSTANT')],
    locks: locks(table, 'NONE', 'metadata'),
    isDone: (facts) => {
      const old = columnOf(facts, operation.from);
      const added = columnOf(facts, to);
      return old !== undefined && added !== undefined && isTwin(old, added);
    },
  };
}

function syncTriggersOf(
  { operation, names, from }: Rename,
  heal: 'forward' | 'reverse',
): { readonly insert: WantedTrigger; readonly update: WantedTrigger } {
  const { to, onConflict, name } = operation;
  const bodies = syncTriggers({
    from,
    to: { ...from, name: to },
    onConflict,
    operation: name,
    heal,
  });
  return {
    insert: { name: names.beforeInsert, event: 'insert', body: bodies.insert },
    update: { name: names.beforeUpdate, event: 'update', body: bodies.update },
  };
}

function rowWork({ facts, from }: Rename, source: string, target: string): RowWork {
  return {
    set: { [target]: quote(source) },
    pending: `not (${sameBytes(quote(source), quote(target), from)})`,
    unfilled: `${quote(target)} is null`,
    keep: movingColumns(facts, target),
  };
}

function contract(rename: Rename): readonly OperationAction[] {
  const { operation, form } = rename;
  const drops = form === 'drop-old' ? operation.from : operation.to;
  return [...dropIndexes(rename, drops), form === 'drop-old' ? dropOld(rename) : swap(rename)];
}

/** A column that stands in an index cannot be dropped INSTANT; its own indexes go with it in any case. */
function dropIndexes({ operation, facts }: Rename, column: string): readonly OperationAction[] {
  const { table } = operation;
  return facts.indexes
    .filter(({ columns }) => columns.includes(column))
    .map(({ name }) => ({
      id: `drop-index-${name}`,
      mode: 'autocommit',
      statements: [
        `ALTER TABLE ${tableSql(table)} DROP INDEX ${quote(name)}, ALGORITHM=INPLACE, LOCK=NONE`,
      ],
      locks: locks(table, 'NONE', 'metadata'),
      isDone: (now) => !now.indexes.some((index) => index.name === name),
    }));
}

function dropOld(rename: Rename): OperationAction {
  const { operation, facts, names, covered } = rename;
  const { table, from } = operation;
  const statement = coveredColumn(covered, 'removes', from);
  const sql = statement?.sql ?? `ALTER TABLE ${tableSql(table)} DROP COLUMN ${quote(from)}`;
  return behindLock(operation, facts, 'drop-old', [asserted(sql, 'INSTANT')], (now) =>
    isRenamed(operation, now, names),
  );
}

function swap(rename: Rename): OperationAction {
  const { operation, facts, names } = rename;
  const { table, from, to } = operation;
  const alter = `ALTER TABLE ${tableSql(table)}`;
  const renamed = `RENAME COLUMN ${quote(from)} TO ${quote(to)}`;
  const gone = goneColumn(names);
  // MySQL renames a column that foreign keys refer to INPLACE only (1846), and dropping one INPLACE builds the table anew: the new
  // column is put out of the way first, and dropped by itself.
  const isReferred =
    facts.flavour === 'mysql' &&
    facts.foreignKeys.some(
      ({ direction, columns }) => direction === 'in' && columns.includes(from),
    );
  const alterations = isReferred
    ? [
        `${alter} RENAME COLUMN ${quote(to)} TO ${quote(gone)}, ${renamed}, ALGORITHM=INPLACE, LOCK=NONE`,
        `${alter} DROP COLUMN ${quote(gone)}, ALGORITHM=INSTANT`,
      ]
    : [`${alter} DROP COLUMN ${quote(to)}, ${renamed}, ALGORITHM=INSTANT`];
  return behindLock(
    operation,
    facts,
    'swap',
    alterations,
    (now) => isRenamed(operation, now, names) && columnOf(now, gone) === undefined,
  );
}

function takeBack(rename: Rename): OperationAction {
  const { operation, facts, names } = rename;
  const { table, to } = operation;
  const drop = `ALTER TABLE ${tableSql(table)} DROP COLUMN ${quote(to)}, ALGORITHM=INSTANT`;
  return behindLock(
    operation,
    facts,
    'drop-new',
    columnOf(facts, to) === undefined ? [] : [drop],
    (now) => columnOf(now, to) === undefined && !hasOwnTriggers(now, names),
  );
}

/**
 * Both columns and not both of the triggers: a contract died between DROP TRIGGER and ALTER (or expand is not through, whose state says so).
 * The triggers come back with the direction of healing turned round; the rows follow the new column.
 */
function recovery(rename: Rename): NonNullable<Recipe['recovery']> | null {
  const { operation, facts } = rename;
  if (columnOf(facts, operation.to) === undefined) return null;
  const reverse = syncTriggersOf(rename, 'reverse');
  const isWhole = [reverse.insert, reverse.update].every(
    ({ name }) => triggerOf(facts, name) !== undefined,
  );
  if (isWhole && !hasTrigger(facts, reverse.update)) return null;
  return {
    actions: [
      createTrigger(operation.table, 'recreate-insert-trigger', reverse.insert),
      createTrigger(operation.table, 'recreate-update-trigger', reverse.update),
    ],
    rows: rowWork(rename, operation.to, operation.from),
  };
}
