import { objectNames } from '../object-names.js';
import type { Blocker, CoveredStatement, Recipe } from '../operation-action.js';
import type { TightenConstraint } from '../operation.js';
import type { ColumnFacts, TableFacts } from '../table-facts.js';
import { columnOf, locks } from './alterations.js';
import { error, warning } from './blockers.js';
import { ColumnDefinition } from './column-definition.js';
import { canonicalDefault, canonicalType, coveredColumn, coveredModification } from './covered.js';
import { createGuards, dropGuards, guardTriggers } from './guard-triggers.js';
import { quote, tableSql } from './sql.js';
import { tightenBlockers, tightenRows } from './tighten-parts.js';
import { violation } from './violation.js';

/**
 * NOT NULL: guard triggers from expand on; MODIFY with the column's whole definition, which rebuilds the table beside its writers; then the
 * triggers go. The MODIFY of the file is not sent: it knows neither comment nor character set, and what it leaves out is lost.
 */
export function tightenNotNullRecipe(
  operation: TightenConstraint,
  name: string,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { table, rule } = operation;
  const violated = violation(rule, facts);
  const guards = guardTriggers(operation, objectNames(operation), facts, violated);
  const column = columnOf(facts, name);
  const isPromoted = (now: TableFacts): boolean => columnOf(now, name)?.nullable === false;
  const copies = column !== undefined && !hasOnlineForm(facts, column);
  const wanted = ColumnDefinition.parse(column?.definition ?? '').notNull();
  return {
    blockers: [
      ...tightenBlockers(
        operation,
        facts,
        { rows: true, triggers: true, tableLock: false, rowVersions: 0 },
        [name],
      ),
      ...(column === undefined || isPromoted(facts)
        ? []
        : [
            ...columnBlockers(facts, column),
            ...formBlockers(operation, facts, column),
            ...coveredBlockers(facts, column, covered),
            ...repairWarning(operation, column),
          ]),
    ],
    expand: createGuards(operation, guards, isPromoted),
    rows: tightenRows(operation, facts, violated),
    verify: [],
    contract: [
      {
        id: 'set-not-null',
        mode: 'autocommit',
        statements: [
          `ALTER TABLE ${tableSql(table)} MODIFY COLUMN ${quote(name)} ${wanted}, ${copies ? 'ALGORITHM=COPY, LOCK=SHARED' : 'ALGORITHM=INPLACE, LOCK=NONE'}`,
        ],
        locks: copies ? locks(table, 'SHARED', 'copy') : locks(table, 'NONE', 'rewrite'),
        isDone: (now) => isPromoted(now) && isOtherwiseAsBefore(column, columnOf(now, name)),
      },
      ...dropGuards(operation, [...guards.refusing, ...guards.repairing]),
    ],
    undo: dropGuards(operation, [...guards.refusing, ...guards.repairing]),
  };
}

function isOtherwiseAsBefore(
  before: ColumnFacts | undefined,
  now: ColumnFacts | undefined,
): boolean {
  if (before === undefined || now === undefined) return false;
  const said = ({ type, default: value, collation, comment, onUpdate }: ColumnFacts): string =>
    JSON.stringify([type, value, collation, comment, onUpdate]);
  return said(before) === said(now);
}

function columnBlockers(facts: TableFacts, column: ColumnFacts): Blocker[] {
  const nulling = facts.foreignKeys.filter(
    ({ direction, columns, onDelete, onUpdate }) =>
      direction === 'out' &&
      columns.includes(column.name) &&
      [onDelete, onUpdate].includes('set null'),
  );
  return [
    ...(column.generated === null
      ? []
      : [
          error(
            'column-kind',
            `${column.name} is a generated column.`,
            'Change its expression, so that it gives no NULL.',
          ),
        ]),
    ...(column.definition === null
      ? [
          error(
            'unreadable-definition',
            `The definition of ${column.name} cannot be repeated as text: its default holds bytes that are no text, or backslashes under NO_BACKSLASH_ESCAPES.`,
            'Take the default away first, or connect without NO_BACKSLASH_ESCAPES.',
          ),
        ]
      : []),
    ...nulling.map(({ name }) =>
      error(
        'foreign-key',
        `Foreign key ${name} sets ${column.name} to NULL.`,
        'Replace it by one without SET NULL first.',
      ),
    ),
  ];
}

/** MariaDB cannot make a column NOT NULL in place whose default is the time: 1846, "cannot convert NULL to non-constant DEFAULT" (measured). */
function hasOnlineForm({ flavour }: TableFacts, column: ColumnFacts): boolean {
  return flavour !== 'mariadb' || !/current_timestamp/i.test(column.default ?? '');
}

function formBlockers(
  { withoutOnlineForm }: TightenConstraint,
  facts: TableFacts,
  column: ColumnFacts,
): Blocker[] {
  if (hasOnlineForm(facts, column) || withoutOnlineForm === 'copy') return [];
  return [
    error(
      'no-online-form',
      `MariaDB makes ${column.name} NOT NULL by a copy of the whole table only while its default is the current time, and no row can be written meanwhile.`,
      "Choose in the operation: withoutOnlineForm: 'copy' (in a window of yours, behind the backfill), or leave the default away until it is NOT NULL.",
    ),
  ];
}

/** The covered MODIFY may say nothing else than NOT NULL: the rest of its end state would not be ours. */
function coveredBlockers(
  { flavour }: TableFacts,
  column: ColumnFacts,
  covered: readonly CoveredStatement[],
): Blocker[] {
  const statement = coveredColumn(covered, 'retypes', column.name);
  if (statement === undefined) return [];
  const refuse = (problem: string): Blocker[] => [
    error(
      'covered-column',
      `Line ${statement.line} ${problem}.`,
      'Put that into a migration or operation of its own.',
    ),
  ];
  const said = coveredModification(statement.sql, column.name);
  if (said === null) return refuse(`is not a plain MODIFY of ${column.name}`);
  if (said.nullable) return refuse(`does not make ${column.name} NOT NULL`);
  if (canonicalType(said.type, flavour) !== canonicalType(column.type, flavour)) {
    return refuse(`gives ${column.name} another type as well (it is ${column.type})`);
  }
  if (canonicalDefault(said.default) !== canonicalDefault(column.default)) {
    return refuse(`gives ${column.name} another default as well`);
  }
  return [];
}

function repairWarning({ repair }: TightenConstraint, { name }: ColumnFacts): Blocker[] {
  if (repair !== null) return [];
  return [
    warning(
      'no-repair',
      `From expand on, a row whose ${name} is NULL cannot be written any more.`,
      'Give the operation a repair, unless no running version writes NULL.',
    ),
  ];
}
