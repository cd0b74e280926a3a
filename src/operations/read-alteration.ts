import type { Dialect } from '../database/database.js';
import { Cursor } from '../statements/cursor.js';

/** What one covered statement says, as far as its classification leaves it open. Names as the server stores them. */
export type Alteration =
  | {
      readonly kind: 'add-column';
      readonly column: string;
      /** The type as written. */
      readonly type: string;
      readonly notNull: boolean;
      /** What stands behind DEFAULT; null = nothing. */
      readonly default: string | null;
      /** Clauses that an operation cannot carry over: `GENERATED`, `PRIMARY KEY`, `UNIQUE`, `REFERENCES`, `CHECK`. */
      readonly clauses: readonly string[];
    }
  | { readonly kind: 'rename-column'; readonly from: string; readonly to: string }
  | { readonly kind: 'drop-column'; readonly column: string }
  | { readonly kind: 'set-not-null'; readonly column: string }
  | { readonly kind: 'set-type'; readonly column: string; readonly type: string }
  | {
      readonly kind: 'add-constraint';
      readonly name: string | null;
      readonly type: 'CHECK' | 'UNIQUE' | 'FOREIGN' | 'PRIMARY' | 'EXCLUDE';
      /** Everything behind the constraint's name, as written. */
      readonly definition: string;
      readonly notValid: boolean;
    }
  | { readonly kind: 'other' };

const OTHER: Alteration = { kind: 'other' };
const TYPES = ['CHECK', 'UNIQUE', 'FOREIGN', 'PRIMARY', 'EXCLUDE'] as const;
const CLAUSES = ['GENERATED', 'PRIMARY', 'UNIQUE', 'REFERENCES', 'CHECK', 'AUTO_INCREMENT'];
/** Words that end the type of a column. */
const AFTER_TYPE = [
  ...CLAUSES,
  ...['NOT', 'NULL', 'DEFAULT', 'CONSTRAINT', 'COLLATE', 'COMMENT', 'FIRST', 'AFTER', 'ON', 'KEY'],
  ...['INVISIBLE', 'VISIBLE', 'USING', 'STORAGE', 'COMPRESSION', 'AS', 'CHARACTER SET'],
];

/** Reads an ALTER TABLE of one action, as Drizzle Kit writes them; anything else is `other`. Never throws. */
export function readAlteration(sql: string, dialect: Dialect): Alteration {
  const cursor = new Cursor(sql, dialect);
  if (!cursor.take('ALTER', 'TABLE')) return OTHER;
  cursor.ifExists();
  cursor.take('ONLY');
  if (cursor.qualifiedName() === null) return OTHER;
  const action = readAction(cursor);
  cursor.skipToComma();
  return cursor.atEnd ? action : OTHER;
}

function readAction(cursor: Cursor): Alteration {
  const verb = cursor.word();
  cursor.skip();
  switch (verb) {
    case 'ADD':
      return cursor.is('CONSTRAINT') || TYPES.some((type) => cursor.is(type))
        ? constraint(cursor)
        : addColumn(cursor);
    case 'RENAME': {
      if (cursor.is('TO') || cursor.is('CONSTRAINT')) return OTHER;
      cursor.take('COLUMN');
      const from = cursor.identifier();
      if (!cursor.take('TO')) return OTHER;
      const to = cursor.identifier();
      return from === null || to === null ? OTHER : { kind: 'rename-column', from, to };
    }
    case 'DROP': {
      if (cursor.is('CONSTRAINT') || cursor.is('PRIMARY') || cursor.is('FOREIGN')) return OTHER;
      cursor.take('COLUMN');
      cursor.ifExists();
      const column = cursor.identifier();
      return column === null || cursor.is('CASCADE') ? OTHER : { kind: 'drop-column', column };
    }
    case 'ALTER': {
      cursor.take('COLUMN');
      const column = cursor.identifier();
      if (column === null) return OTHER;
      if (cursor.is('SET', 'NOT', 'NULL')) return { kind: 'set-not-null', column };
      if (!cursor.take('SET', 'DATA', 'TYPE') && !cursor.take('TYPE')) return OTHER;
      return { kind: 'set-type', column, type: typeText(cursor) };
    }
    default:
      return OTHER;
  }
}

function addColumn(cursor: Cursor): Alteration {
  cursor.take('COLUMN');
  cursor.ifNotExists();
  const column = cursor.identifier();
  if (column === null) return OTHER;
  const type = typeText(cursor);
  const clauses: string[] = [];
  let notNull = false;
  let value: string | null = null;
  while (!cursor.atEnd && !cursor.isText(',')) {
    if (cursor.take('NOT', 'NULL')) notNull = true;
    else if (cursor.take('DEFAULT')) value = defaultText(cursor);
    else if (CLAUSES.includes(cursor.word())) {
      clauses.push(cursor.word());
      cursor.skip();
    } else if (!cursor.skipParentheses()) cursor.skip();
  }
  return { kind: 'add-column', column, type, notNull, default: value, clauses };
}

/** From here up to the first clause behind a type; the cursor ends there. */
function typeText(cursor: Cursor): string {
  return textUntil(cursor, () => AFTER_TYPE.includes(cursor.word()));
}

function defaultText(cursor: Cursor): string {
  // NULL may be the value itself; the words behind a value are those behind a type.
  let first = true;
  return textUntil(cursor, () => {
    const ends = !first && AFTER_TYPE.includes(cursor.word());
    first = false;
    return ends;
  });
}

function textUntil(cursor: Cursor, ends: () => boolean): string {
  const start = cursor.peek()?.start;
  let end = start ?? 0;
  while (!cursor.atEnd && !cursor.isText(',') && !cursor.isText(';') && !ends()) {
    if (!cursor.skipParentheses()) cursor.skip();
    const last = cursor.peek(-1);
    if (last !== undefined) end = last.start + last.text.length;
  }
  return start === undefined ? '' : cursor.sql.slice(start, end);
}

function constraint(cursor: Cursor): Alteration {
  const name = cursor.take('CONSTRAINT') ? cursor.identifier() : null;
  const type = TYPES.find((word) => cursor.is(word));
  if (type === undefined) return OTHER;
  let notValid = false;
  const definition = textUntil(cursor, () => {
    notValid ||= cursor.is('NOT', 'VALID');
    return false;
  });
  return { kind: 'add-constraint', name, type, definition, notValid };
}
