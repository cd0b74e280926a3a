import { Cursor } from '../../statements/cursor.js';
import { findWords, textOf } from '../../statements/table-changes/spans.js';
import type {
  AddConstraint,
  ConstraintType,
  TableChange,
} from '../../statements/table-changes/table-change.js';
import { statementRule, type StatementRule, type StatementSubject } from '../rule.js';
import {
  byOnline,
  byOperation,
  codeOf,
  literal,
  operationName,
  operationTable,
} from '../safe-way.js';
import { nameOf, printable } from '../wording.js';

type Added = Extract<TableChange, { readonly kind: 'add constraint' }>;

/** A constraint of this type that looks at the rows of a table which was there before the range. */
function added(
  { alter, tableIsNew }: StatementSubject,
  ...types: readonly ConstraintType[]
): Added | null {
  if (alter === null || tableIsNew(alter.table)) return null;
  const found = alter.changes.find(
    (change): change is Added =>
      change.kind === 'add constraint' &&
      types.includes(change.type) &&
      !change.notValid &&
      !change.usingIndex,
  );
  return found ?? null;
}

function nameOfConstraint(subject: StatementSubject, change: AddConstraint): string {
  const table = subject.alter === null ? '' : nameOf(subject.alter.table);
  return change.constraint === null
    ? `a constraint of ${table}`
    : `${printable(change.constraint)} of ${table}`;
}

/** The safe way on Postgres needs a name, to ask for the validation. */
const NAME_IT =
  '-- Give the constraint a name (ADD CONSTRAINT <name> ...), and put above it:\n-- @online';

const addCheck: StatementRule = statementRule({
  id: 'add-check',
  tier: 'allow',
  about: 'ADD CHECK: scans the table under a lock (Postgres), copies it (MySQL)',
  settledByOnline: true,
  check(subject) {
    const change = added(subject, 'check');
    if (change === null) return null;
    const what = nameOfConstraint(subject, change);
    return subject.dialect === 'postgresql'
      ? {
          message: `CHECK ${what} reads the whole table while nobody can read or write it.`,
          safeWay: byOnline(subject) ?? NAME_IT,
        }
      : {
          message: `CHECK ${what} copies the whole table while nobody can write it; no server has an online form.`,
          safeWay: checkOperation(subject, change),
        };
  },
});

function checkOperation(subject: StatementSubject, change: Added): string | null {
  const { alter, statement, dialect } = subject;
  if (alter === null || change.constraint === null) return null;
  const cursor = new Cursor(textOf(statement.sql, change.definition), dialect);
  cursor.take('CHECK');
  const from = cursor.peek()?.start ?? 0;
  cursor.skipParentheses();
  const last = cursor.peek(-1);
  const expression = cursor.sql.slice(from + 1, last?.start ?? 0).trim();
  const name = operationName({ name: change.constraint });
  return byOperation({
    name,
    call: `tightenCheck(${literal(name)}, { table: ${operationTable(alter.table)}, constraint: ${literal(change.constraint)}, expression: ${literal(expression)}, withoutOnlineForm: 'guard-triggers' })`,
    covered: [codeOf(subject)],
    contract: null,
  });
}

const addForeignKey: StatementRule = statementRule({
  id: 'add-foreign-key',
  tier: 'allow',
  about:
    'ADD FOREIGN KEY: scans the table while writers of both tables wait (Postgres), copies it (MySQL)',
  settledByOnline: true,
  check(subject) {
    const change = added(subject, 'foreign key');
    if (change === null) return null;
    const what = nameOfConstraint(subject, change);
    return subject.dialect === 'postgresql'
      ? {
          message: `Foreign key ${what} reads the whole table while nobody can write it or the table it refers to.`,
          safeWay: byOnline(subject) ?? NAME_IT,
        }
      : {
          message: `Foreign key ${what} copies the whole table while nobody can write it; with foreign_key_checks=0 it would not, and no row would ever be checked.`,
          safeWay: foreignKeyOperation(subject, change),
        };
  },
});

function foreignKeyOperation(subject: StatementSubject, change: Added): string | null {
  const { alter, statement, dialect } = subject;
  if (alter === null || change.constraint === null) return null;
  const cursor = new Cursor(textOf(statement.sql, change.definition), dialect);
  const columns = namesBehind(cursor, 'KEY');
  const at = findWords(cursor, 0, Number.POSITIVE_INFINITY, 'REFERENCES');
  if (columns === null || at === null) return null;
  cursor.position = at + 1;
  const target = cursor.object('table');
  const referred = names(cursor);
  if (target === null || referred === null) return null;
  const name = operationName({ name: change.constraint });
  return byOperation({
    name,
    call: `tightenForeignKey(${literal(name)}, { table: ${operationTable(alter.table)}, constraint: ${literal(change.constraint)}, columns: [${columns.map(literal).join(', ')}], references: { table: ${operationTable(target)}, columns: [${referred.map(literal).join(', ')}] } })`,
    covered: [codeOf(subject)],
    contract: null,
  });
}

function namesBehind(cursor: Cursor, word: string): readonly string[] | null {
  if (!cursor.seek(word)) return null;
  cursor.skip();
  // MySQL: an index name may stand here.
  if (!cursor.isText('(')) cursor.identifier();
  return names(cursor);
}

function names(cursor: Cursor): readonly string[] | null {
  if (!cursor.takeText('(')) return null;
  const found: string[] = [];
  do {
    const column = cursor.identifier();
    if (column === null) return null;
    found.push(column);
  } while (cursor.takeText(','));
  return cursor.takeText(')') ? found : null;
}

const addUnique: StatementRule = statementRule({
  id: 'add-unique',
  tier: 'allow',
  about:
    'ADD UNIQUE or EXCLUDE (Postgres): builds an index while nobody can read or write the table',
  settledByOnline: true,
  check(subject) {
    if (subject.dialect !== 'postgresql') return null;
    const change = added(subject, 'unique', 'exclude');
    if (change === null) return null;
    const what = nameOfConstraint(subject, change);
    if (change.type === 'exclude')
      return {
        message: `EXCLUDE ${what} builds an index while nobody can read or write the table, and has no online form: a window, or a new table.`,
        safeWay: null,
      };
    return {
      message: `UNIQUE ${what} builds an index while nobody can read or write the table. If there may be duplicates, use tightenUnique, which counts them first.`,
      safeWay: byOnline(subject) ?? NAME_IT,
    };
  },
});

const addPrimaryKey: StatementRule = statementRule({
  id: 'add-primary-key',
  tier: 'allow',
  about: 'ADD PRIMARY KEY: builds an index under a lock (Postgres), rebuilds the table (MySQL)',
  settledByOnline: true,
  check(subject) {
    const change = added(subject, 'primary key');
    if (change === null || subject.alter === null) return null;
    if (subject.dialect === 'mysql' && hasAlgorithm(subject)) return null;
    const table = nameOf(subject.alter.table);
    return {
      message:
        subject.dialect === 'postgresql'
          ? `The primary key of ${table} reads the table and builds an index while nobody can read or write it.`
          : `The primary key of ${table} rebuilds the table; without ALGORITHM and LOCK the server may copy it instead, and nobody can write it meanwhile.`,
      safeWay: byOnline(subject),
    };
  },
});

function hasAlgorithm({ alter }: StatementSubject): boolean {
  return alter?.changes.some(({ kind }) => kind === 'algorithm' || kind === 'lock') ?? false;
}

const dropPrimaryKey: StatementRule = statementRule({
  id: 'drop-primary-key',
  tier: 'allow',
  about: 'DROP PRIMARY KEY by itself (MySQL): copies the table',
  settledByOnline: false,
  check({ alter, dialect, tableIsNew }) {
    if (dialect !== 'mysql' || alter === null || tableIsNew(alter.table)) return null;
    const dropped = alter.changes.some(
      (change) => change.kind === 'drop constraint' && change.type === 'primary key',
    );
    const again = alter.changes.some(
      (change) => change.kind === 'add constraint' && change.type === 'primary key',
    );
    if (!dropped || again) return null;
    return {
      message: `DROP PRIMARY KEY of ${nameOf(alter.table)} copies the whole table while nobody can write it. Together with the new key in one ALTER TABLE it is rebuilt in place instead.`,
      safeWay: `ALTER TABLE ${nameOf(alter.table)} DROP PRIMARY KEY, ADD PRIMARY KEY (<columns>), ALGORITHM=INPLACE, LOCK=NONE;`,
    };
  },
});

const validateWithLock: StatementRule = statementRule({
  id: 'validate-in-same-transaction',
  tier: 'allow',
  about:
    'VALIDATE in the transaction that added the constraint: the lock of ADD lasts through the scan',
  settledByOnline: false,
  check({ alter, addedInThisTransaction }) {
    const change = alter?.changes.find(
      (each) => each.kind === 'validate constraint' && addedInThisTransaction(each.constraint),
    );
    if (alter === null || change?.kind !== 'validate constraint') return null;
    return {
      message: `${printable(change.constraint)} of ${nameOf(alter.table)} is validated in the transaction that added it: the lock of ADD CONSTRAINT is held through the scan, as if it had not been NOT VALID.`,
      safeWay:
        '-- statement by statement; or leave NOT VALID and VALIDATE out and put @online above ADD CONSTRAINT:\n-- @transaction off',
    };
  },
});

/** Rules about constraints of tables that were there before. */
export const CONSTRAINT_RULES: readonly StatementRule[] = [
  addCheck,
  addForeignKey,
  addUnique,
  addPrimaryKey,
  dropPrimaryKey,
  validateWithLock,
];
