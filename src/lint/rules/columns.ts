import { quoteIdentifier } from '../../database/identifiers.js';
import { textOf } from '../../statements/table-changes/spans.js';
import type { RowValue, TableChange } from '../../statements/table-changes/table-change.js';
import type { Remark, StatementRule, StatementSubject } from '../rule.js';
import { statementRule } from '../rule.js';
import {
  byOnline,
  byOperation,
  codeOf,
  literal,
  operationName,
  operationTable,
} from '../safe-way.js';
import { nameOf, printable } from '../wording.js';

type Change<Kind extends TableChange['kind']> = TableChange & { readonly kind: Kind };

/** The first action of that kind that `finds` says something about, on a table that was there before the range. */
function firstAction<Kind extends TableChange['kind']>(
  { alter, tableIsNew }: StatementSubject,
  kind: Kind,
  finds: (change: Change<Kind>) => boolean,
): Change<Kind> | null {
  if (alter === null || tableIsNew(alter.table)) return null;
  const found = alter.changes.find(
    (change): change is Change<Kind> & TableChange =>
      change.kind === kind && finds(change as Change<Kind>),
  );
  return (found as Change<Kind> | undefined) ?? null;
}

function headOf({ alter, statement }: StatementSubject): string {
  return alter === null ? '' : textOf(statement.sql, alter.head);
}

function quoted({ dialect }: StatementSubject, column: string): string {
  return quoteIdentifier(dialect, column);
}

/** The action without its `NOT NULL`. */
function nullable({ statement }: StatementSubject, change: Change<'add column'>): string {
  const { sql } = statement;
  const { span, notNull } = change;
  if (notNull === null) return textOf(sql, span);
  const before = sql.slice(span.from, notNull.from).trimEnd();
  return `${before}${sql.slice(notNull.to, span.to)}`;
}

const addColumnNotNull: StatementRule = statementRule({
  id: 'add-column-not-null',
  tier: 'error',
  about: 'ADD COLUMN NOT NULL without a default, on a table with rows',
  settledByOnline: false,
  check(subject) {
    const change = firstAction(
      subject,
      'add column',
      ({ notNull, inline, filled }) =>
        (notNull !== null || inline.includes('primary key')) && !filled,
    );
    if (change === null || subject.alter === null) return null;
    const { table } = subject.alter;
    const name = operationName(table, change.column, 'not-null');
    const column = quoted(subject, change.column);
    const tighten =
      subject.dialect === 'postgresql'
        ? `${headOf(subject)} ALTER COLUMN ${column} SET NOT NULL`
        : `${headOf(subject)} MODIFY COLUMN ${column} ${definitionOf(subject, change)}`;
    return {
      message:
        subject.dialect === 'postgresql'
          ? `Column ${nameOf(table)}.${printable(change.column)} is added NOT NULL without a default: it fails as soon as the table has one row, and builds that do not know the column can insert nothing.`
          : `Column ${nameOf(table)}.${printable(change.column)} is added NOT NULL without a default: MySQL and MariaDB fill '' or 0 into every row without a word, and builds that do not know the column can insert nothing.`,
      safeWay: [
        '-- with a value that is right for every row: the same statement with DEFAULT. Otherwise:',
        `${headOf(subject)} ${nullable(subject, change)};`,
        byOperation({
          name,
          call: `tightenNotNull(${literal(name)}, { table: ${operationTable(table)}, column: ${literal(change.column)}, repair: { ${JSON.stringify(change.column)}: '<SQL of its value>' } })`,
          contract: [tighten],
        }),
      ].join('\n'),
    };
  },
});

function definitionOf({ statement }: StatementSubject, change: Change<'add column'>): string {
  const text = textOf(statement.sql, change.span);
  const at = text.indexOf(change.type);
  return at < 0 ? `${change.type} NOT NULL` : text.slice(at);
}

const WHY: Readonly<Record<RowValue, string>> = {
  'volatile default': 'has a default that may differ from row to row',
  'expression default': 'has a default that may differ from row to row',
  identity: 'is an identity',
  serial: 'has a sequence',
  'stored generated': 'is generated and stored',
  'auto increment': 'counts by itself',
};

const addColumnRewrite: StatementRule = statementRule({
  id: 'add-column-rewrite',
  tier: 'allow',
  about: 'ADD COLUMN whose value is another one for each row: the table is rewritten under a lock',
  settledByOnline: false,
  check(subject) {
    const change = firstAction(subject, 'add column', ({ rowValue }) => rowValue !== null);
    if (change === null || subject.alter === null) return null;
    const { table } = subject.alter;
    const lock =
      subject.dialect === 'postgresql'
        ? 'the whole table is rewritten while nobody can read or write it'
        : 'the whole table is copied while nobody can write it';
    return {
      message: `Column ${nameOf(table)}.${printable(change.column)} ${WHY[change.rowValue ?? 'volatile default']}: ${lock}.`,
      safeWay: rewriteSafeWay(subject, change),
    };
  },
});

function rewriteSafeWay(subject: StatementSubject, change: Change<'add column'>): string | null {
  const { alter } = subject;
  if (alter === null) return null;
  if (change.rowValue === 'stored generated')
    return '-- a plain column that the application or a trigger fills, and backfill(...) for the rows that are there; or VIRTUAL instead of STORED';
  const value = change.default ?? sequenceDefault(subject, change);
  if (value === null) return null;
  const column = quoted(subject, change.column);
  const head = headOf(subject);
  const name = operationName(alter.table, change.column);
  return [
    `${head} ADD COLUMN ${column} ${change.type.replace(/^(small|big)?serial[248]?$/i, '$1int')};`,
    ...(change.default === null
      ? [`CREATE SEQUENCE ${sequenceName(alter.table.name, change.column)};`]
      : []),
    `${head} ALTER COLUMN ${column} SET DEFAULT ${value};`,
    `-- registered in the option operations: backfill(${literal(name)}, { table: ${operationTable(alter.table)}, set: { ${JSON.stringify(change.column)}: ${literal(value)} }, where: ${literal(`${column} IS NULL`)} })`,
    `-- @operation ${name} backfill`,
    ...(change.notNull === null
      ? []
      : ['-- NOT NULL by tightenNotNull, in the same way, once the rows are filled']),
  ].join('\n');
}

function sequenceName(table: string, column: string): string {
  return quoteIdentifier('postgresql', `${table}_${column}_seq`.slice(0, 63));
}

/** What serial and identity come to on Postgres; elsewhere there is no such thing. */
function sequenceDefault(
  { alter, dialect }: StatementSubject,
  { column }: Change<'add column'>,
): string | null {
  return alter === null || dialect === 'mysql'
    ? null
    : `nextval('${sequenceName(alter.table.name, column)}')`;
}

const addColumnConstraint: StatementRule = statementRule({
  id: 'add-column-constraint',
  tier: 'allow',
  about: 'ADD COLUMN with UNIQUE, PRIMARY KEY or CHECK in it: scan or index build under its lock',
  settledByOnline: true,
  check(subject) {
    const change = firstAction(
      subject,
      'add column',
      // A foreign key of a column without values has nothing to look at (tablecmds.c, transformFKConstraints).
      ({ inline, default: value }) =>
        inline.some((each) => each !== 'references') ||
        (inline.includes('references') && value !== null),
    );
    if (change === null || subject.alter === null) return null;
    return {
      message: `Column ${nameOf(subject.alter.table)}.${printable(change.column)} is added with ${change.inline.join(', ')} in one statement: rows are looked at, or an index built, under the lock of ADD COLUMN.`,
      safeWay:
        subject.dialect === 'mysql' && onlyUnique(change)
          ? byOnline(subject)
          : '-- Add the column by itself; then, in a statement of its own, the constraint by name:\n-- @online\nALTER TABLE ... ADD CONSTRAINT <name> ...;',
    };
  },
});

function onlyUnique({ inline }: Change<'add column'>): boolean {
  return inline.every((each) => each === 'unique');
}

const setNotNull: StatementRule = statementRule({
  id: 'set-not-null',
  tier: 'allow',
  about: 'SET NOT NULL: scans the table while nobody can read or write it',
  settledByOnline: true,
  check(subject) {
    const change = firstAction(
      subject,
      'set not null',
      ({ column }) => !subject.provenNotNull(column),
    );
    if (change === null || subject.alter === null) return null;
    const { table } = subject.alter;
    return {
      message: `SET NOT NULL of ${nameOf(table)}.${printable(change.column)} reads the whole table while nobody can read or write it, and fails at the first NULL. If NULLs may be left, use tightenNotNull, which repairs them first.`,
      safeWay: byOnline(subject),
    };
  },
});

const changeType: StatementRule = statementRule({
  id: 'change-type',
  tier: 'allow',
  about: 'ALTER COLUMN TYPE, MODIFY, CHANGE: may rewrite or copy the table under a lock',
  settledByOnline: true,
  check(subject) {
    const change = firstAction(subject, 'change type', () => true);
    if (change === null || subject.alter === null) return null;
    const { table } = subject.alter;
    const place = `${nameOf(table)}.${printable(change.column)}`;
    return subject.dialect === 'postgresql'
      ? postgresType(subject, change, place)
      : mysqlType(subject, change, place);
  },
});

function typeOperation(subject: StatementSubject, change: Change<'change type'>): string | null {
  const { alter } = subject;
  if (alter === null) return null;
  const name = operationName(alter.table, change.column, 'type');
  return byOperation({
    name,
    call: `changeColumnType(${literal(name)}, { table: ${operationTable(alter.table)}, column: ${literal(change.column)}, to: ${literal(change.type)} })`,
    contract: [codeOf(subject)],
  });
}

function postgresType(
  subject: StatementSubject,
  change: Change<'change type'>,
  place: string,
): Remark {
  return {
    message: `Another type for ${place}: unless it only widens (a longer varchar, varchar to text, a wider numeric of the same scale), the table and its indexes are rewritten while nobody can read or write it. If it only widens, say so in an @allow line.`,
    safeWay: typeOperation(subject, change),
  };
}

function mysqlType(
  subject: StatementSubject,
  change: Change<'change type'>,
  place: string,
): Remark {
  const online = byOnline(subject);
  const operation = change.to === null ? typeOperation(subject, change) : null;
  return {
    message: `${change.to === null ? 'MODIFY' : 'CHANGE'} of ${place}: what it changes does not stand in it, and another type or character set, or a varchar longer past 255 bytes, copies the table while nobody can write it. @online makes the server refuse instead.${change.notNull ? ' If NOT NULL is what is new, use tightenNotNull.' : ''}`,
    safeWay:
      operation === null || online === null
        ? (online ?? operation)
        : `${online}\n-- where the server refuses that:\n${operation}`,
  };
}

/** Rules about columns of tables that were there before. */
export const COLUMN_RULES: readonly StatementRule[] = [
  addColumnNotNull,
  addColumnRewrite,
  addColumnConstraint,
  setNotNull,
  changeType,
];
