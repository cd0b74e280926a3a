import type { Cursor } from '../cursor.js';
import { defaultText, findWords, inlineConstraints, spanOf, typeText } from './spans.js';
import type { ConstraintType, RowValue, TableChange } from './table-change.js';

type Change = TableChange extends infer C ? (C extends unknown ? Omit<C, 'span'> : never) : never;

const INDEX_WORDS = ['INDEX', 'KEY', 'FULLTEXT', 'SPATIAL', 'VECTOR'];
/** Words that end a type's name in a column definition. */
const AFTER_TYPE = new Set(
  'NOT NULL DEFAULT PRIMARY UNIQUE KEY CHECK REFERENCES GENERATED AS COLLATE COMMENT AUTO_INCREMENT ON FIRST AFTER CONSTRAINT INVISIBLE VISIBLE'.split(
    ' ',
  ),
);

/** One clause of a MySQL or MariaDB ALTER TABLE; the cursor stands on its first word. `end` is the position of its comma, or the end. */
export function mysqlChange(cursor: Cursor, end: number): Change {
  const verb = cursor.word();
  const other: Change = {
    kind: 'other',
    words: [verb, cursor.word(1)].filter((word) => word !== '').join(' '),
  };
  cursor.skip();
  switch (verb) {
    case 'ADD':
      return add(cursor, end) ?? other;
    case 'DROP':
      return drop(cursor) ?? other;
    case 'MODIFY':
    case 'CHANGE': {
      cursor.take('COLUMN');
      cursor.ifExists();
      const column = cursor.identifier();
      const named = verb === 'CHANGE' ? cursor.identifier() : null;
      if (column === null) return other;
      return {
        kind: 'change type',
        column,
        type: typeText(cursor, end, AFTER_TYPE),
        notNull: findWords(cursor, cursor.position, end, 'NOT', 'NULL') !== null,
        to: named === null || named.toLowerCase() === column.toLowerCase() ? null : named,
      };
    }
    case 'RENAME':
      return rename(cursor) ?? other;
    case 'ALTER':
      return alter(cursor) ?? other;
    case 'ALGORITHM':
    case 'LOCK':
      cursor.takeText('=');
      return { kind: verb === 'LOCK' ? 'lock' : 'algorithm', value: cursor.word() };
    default:
      return other;
  }
}

function add(cursor: Cursor, end: number): Change | null {
  const start = cursor.position;
  const constraint = cursor.take('CONSTRAINT');
  if (constraint) cursor.ifNotExists();
  const name =
    constraint && !['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK'].includes(cursor.word())
      ? cursor.identifier()
      : null;
  const definition = cursor.position;
  if (cursor.is('PARTITION') || cursor.is('PERIOD') || cursor.is('SYSTEM')) return null;
  const word = cursor.takeAny('PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', ...INDEX_WORDS);
  if (word === null) {
    cursor.position = start;
    return addColumn(cursor, end);
  }
  if (INDEX_WORDS.includes(word))
    return { kind: 'add index', unique: false, special: word !== 'INDEX' && word !== 'KEY' };
  if (word === 'UNIQUE') return { kind: 'add index', unique: true, special: false };
  const types: Readonly<Record<string, ConstraintType>> = {
    PRIMARY: 'primary key',
    FOREIGN: 'foreign key',
  };
  return {
    kind: 'add constraint',
    constraint: name,
    type: types[word] ?? 'check',
    notValid: findWords(cursor, definition, end, 'NOT', 'ENFORCED') !== null,
    usingIndex: false,
    definition: spanOf(cursor, definition, end),
  };
}

function addColumn(cursor: Cursor, end: number): Change | null {
  cursor.take('COLUMN');
  cursor.ifNotExists();
  // `ADD (a int, b int)`: the plan's classification reads it, its parts are not told apart here.
  if (cursor.isText('(')) return null;
  const column = cursor.identifier();
  if (column === null) return null;
  const start = cursor.position;
  const at = (...words: readonly string[]): number | null =>
    findWords(cursor, start, end, ...words);
  const type = typeText(cursor, end, AFTER_TYPE);
  const notNull = at('NOT', 'NULL');
  const defaultAt = at('DEFAULT');
  const afterDefault = (offset: number): string =>
    cursor.peek((defaultAt ?? 0) + offset - cursor.position)?.text.toUpperCase() ?? '';
  const increments = at('AUTO_INCREMENT') !== null || /^serial$/i.test(type);
  const stored = at('STORED') !== null || at('PERSISTENT') !== null;
  const generated = at('AS') !== null;
  let rowValue: RowValue | null = null;
  if (increments) rowValue = 'auto increment';
  else if (stored) rowValue = 'stored generated';
  else if (defaultAt !== null && afterDefault(1) === '(') rowValue = 'expression default';
  return {
    kind: 'add column',
    column,
    type,
    notNull: notNull === null ? null : spanOf(cursor, notNull, notNull + 2),
    filled: increments || generated || (defaultAt !== null && afterDefault(1) !== 'NULL'),
    generated,
    rowValue,
    default: defaultAt === null ? null : defaultText(cursor, defaultAt + 1, end),
    inline: inlineConstraints(cursor, start, end),
  };
}

function drop(cursor: Cursor): Change | null {
  const word = cursor.takeAny(
    'PRIMARY',
    'FOREIGN',
    'CHECK',
    'CONSTRAINT',
    'INDEX',
    'KEY',
    'PARTITION',
    'COLUMN',
  );
  switch (word) {
    case 'PARTITION':
      return null;
    case 'PRIMARY':
      return { kind: 'drop constraint', type: 'primary key', cascade: false };
    case 'FOREIGN':
      return { kind: 'drop constraint', type: 'foreign key', cascade: false };
    case 'CHECK':
      return { kind: 'drop constraint', type: 'check', cascade: false };
    case 'CONSTRAINT':
      return { kind: 'drop constraint', type: 'any', cascade: false };
    case 'INDEX':
    case 'KEY':
      return { kind: 'drop constraint', type: 'index', cascade: false };
    case 'COLUMN':
    case null:
    default: {
      cursor.ifExists();
      const column = cursor.identifier();
      return column === null ? null : { kind: 'drop column', column, cascade: false };
    }
  }
}

function rename(cursor: Cursor): Change | null {
  if (cursor.take('COLUMN')) {
    const column = cursor.identifier();
    cursor.take('TO');
    const to = cursor.identifier();
    return column === null || to === null ? null : { kind: 'rename column', column, to };
  }
  if (cursor.takeAny('INDEX', 'KEY') !== null) return null;
  cursor.takeAny('TO', 'AS');
  const to = cursor.qualifiedName();
  return to === null ? null : { kind: 'rename table', to: to.name };
}

function alter(cursor: Cursor): Change | null {
  if (cursor.takeAny('INDEX', 'KEY', 'CHECK', 'CONSTRAINT') !== null) return null;
  cursor.take('COLUMN');
  const column = cursor.identifier();
  if (column === null) return null;
  if (cursor.take('SET', 'DEFAULT')) return { kind: 'set default', column };
  if (cursor.take('DROP', 'DEFAULT')) return { kind: 'drop default', column };
  return null;
}
