import type { Cursor } from '../cursor.js';
import { defaultAt, hasDefault, SERIAL, volatileDefault } from '../postgres/add-column.js';
import { defaultText, findWords, inlineConstraints, spanOf, typeText } from './spans.js';
import type { AddConstraint, ConstraintType, RowValue, TableChange } from './table-change.js';

type Change = TableChange extends infer C ? (C extends unknown ? Omit<C, 'span'> : never) : never;

/** Words that open a table constraint, where a column's name could stand. */
const CONSTRAINTS: Readonly<Record<string, ConstraintType>> = {
  CHECK: 'check',
  FOREIGN: 'foreign key',
  UNIQUE: 'unique',
  PRIMARY: 'primary key',
  EXCLUDE: 'exclude',
  NOT: 'not null',
};
/** Words that end a type's name in a column definition. */
const AFTER_TYPE = new Set(
  'NOT NULL DEFAULT PRIMARY UNIQUE CHECK REFERENCES GENERATED COLLATE CONSTRAINT STORAGE COMPRESSION USING'.split(
    ' ',
  ),
);

/** One action of a Postgres ALTER TABLE; the cursor stands on its first word. `end` is the position of its comma, or the end. */
export function postgresChange(cursor: Cursor, end: number): Change {
  const verb = cursor.word();
  const other: Change = { kind: 'other', words: firstWords(cursor) };
  cursor.skip();
  switch (verb) {
    case 'ADD':
      return cursor.is('CONSTRAINT') || cursor.word() in CONSTRAINTS
        ? addConstraint(cursor, end)
        : addColumn(cursor, end);
    case 'DROP':
      return drop(cursor, end) ?? other;
    case 'ALTER':
      return cursor.is('CONSTRAINT') ? other : (alterColumn(cursor, end) ?? other);
    case 'RENAME':
      return rename(cursor) ?? other;
    case 'VALIDATE': {
      cursor.take('CONSTRAINT');
      const constraint = cursor.identifier();
      return constraint === null ? other : { kind: 'validate constraint', constraint };
    }
    case 'DETACH':
      return {
        kind: 'detach partition',
        concurrently:
          findWords(cursor, cursor.position, end, 'CONCURRENTLY') !== null ||
          findWords(cursor, cursor.position, end, 'FINALIZE') !== null,
      };
    case 'ATTACH':
      return { kind: 'attach partition' };
    default:
      return other;
  }
}

function firstWords(cursor: Cursor): string {
  return [cursor.word(), cursor.word(1)].filter((word) => word !== '').join(' ');
}

function addColumn(cursor: Cursor, end: number): Change {
  cursor.take('COLUMN');
  cursor.ifNotExists();
  const column = cursor.identifier() ?? '';
  const start = cursor.position;
  const at = (...words: readonly string[]): number | null =>
    findWords(cursor, start, end, ...words);
  const serial = SERIAL.test(cursor.word());
  const type = typeText(cursor, end, AFTER_TYPE);
  const notNull = at('NOT', 'NULL');
  const generated = at('GENERATED') !== null;
  const filled = serial || generated || hasDefault(cursor, start, end);
  let rowValue: RowValue | null = null;
  if (serial) rowValue = 'serial';
  else if (at('STORED') !== null) rowValue = 'stored generated';
  else if (at('AS', 'IDENTITY') !== null) rowValue = 'identity';
  else if (volatileDefault(cursor, start, end)) rowValue = 'volatile default';
  const valueAt = defaultAt(cursor, start, end);
  return {
    kind: 'add column',
    column,
    type,
    notNull: notNull === null ? null : spanOf(cursor, notNull, notNull + 2),
    filled,
    generated,
    rowValue,
    default: valueAt === null ? null : defaultText(cursor, valueAt, end),
    inline: inlineConstraints(cursor, start, end),
  };
}

function addConstraint(cursor: Cursor, end: number): Change {
  const constraint = cursor.take('CONSTRAINT') ? cursor.identifier() : null;
  const start = cursor.position;
  const type = CONSTRAINTS[cursor.word()] ?? 'check';
  const using = findWords(cursor, start, end, 'USING', 'INDEX');
  const change: AddConstraint = {
    kind: 'add constraint',
    constraint,
    type,
    notValid:
      findWords(cursor, start, end, 'NOT', 'VALID') !== null ||
      findWords(cursor, start, end, 'NOT', 'ENFORCED') !== null,
    usingIndex:
      using !== null &&
      cursor.peek(using + 2 - cursor.position)?.text.toUpperCase() !== 'TABLESPACE',
    definition: spanOf(cursor, start, end),
  };
  return change;
}

function drop(cursor: Cursor, end: number): Change | null {
  const constraint = cursor.take('CONSTRAINT');
  if (!constraint) cursor.take('COLUMN');
  cursor.ifExists();
  const name = cursor.identifier();
  if (name === null) return null;
  const cascade = findWords(cursor, cursor.position, end, 'CASCADE') !== null;
  return constraint
    ? { kind: 'drop constraint', type: 'any', cascade }
    : { kind: 'drop column', column: name, cascade };
}

function alterColumn(cursor: Cursor, end: number): Change | null {
  cursor.take('COLUMN');
  const column = cursor.identifier();
  if (column === null) return null;
  if (cursor.take('SET', 'NOT', 'NULL')) return { kind: 'set not null', column };
  if (cursor.take('DROP', 'NOT', 'NULL')) return { kind: 'drop not null', column };
  if (cursor.take('SET', 'DEFAULT')) return { kind: 'set default', column };
  if (cursor.take('DROP', 'DEFAULT')) return { kind: 'drop default', column };
  if (cursor.take('SET', 'DATA', 'TYPE') || cursor.take('TYPE'))
    return {
      kind: 'change type',
      column,
      type: typeText(cursor, end, AFTER_TYPE),
      notNull: false,
      to: null,
    };
  return null;
}

function rename(cursor: Cursor): Change | null {
  if (cursor.is('CONSTRAINT')) return null;
  if (cursor.take('TO')) {
    const to = cursor.identifier();
    return to === null ? null : { kind: 'rename table', to };
  }
  cursor.take('COLUMN');
  const column = cursor.identifier();
  cursor.take('TO');
  const to = cursor.identifier();
  return column === null || to === null ? null : { kind: 'rename column', column, to };
}
