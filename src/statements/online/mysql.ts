import { Cursor } from '../cursor.js';
import type { SqlMode } from '../statement.js';
import { readAlterTable } from '../table-changes/read-alter-table.js';
import { findWords, spanOf, textOf } from '../table-changes/spans.js';
import type { TableChange } from '../table-changes/table-change.js';
import type { OnlineUnit } from './online-form.js';

/** What the servers accept without blocking writers (expand-contract.md 3, measured); null = only a copy, or not known. */
type Algorithm = 'INSTANT' | 'INPLACE' | null;

/** See `onlineForm`. The same clauses on MySQL 8.0.29+ and MariaDB 10.11, and both refuse where they would have to copy. */
export function mysqlOnlineForm(sql: string, mode?: SqlMode): readonly OnlineUnit[] | null {
  // What stands in `/*! */` depends on the server's version.
  if (sql.includes('/*!') || sql.includes('/*M!')) return null;
  const alter = readAlterTable(sql, 'mysql', mode);
  if (alter !== null) {
    const algorithm = cheapest(alter.changes);
    if (algorithm === null) return null;
    // With INSTANT, MySQL takes no LOCK clause but DEFAULT.
    const clauses = algorithm === 'INSTANT' ? 'ALGORITHM=INSTANT' : 'ALGORITHM=INPLACE, LOCK=NONE';
    return form(`${sql.slice(alter.head.from, alter.end)}, ${clauses}`);
  }
  return indexForm(sql, mode);
}

function form(statement: string): readonly OnlineUnit[] {
  return [{ mode: 'autocommit', statements: [statement] }];
}

/** All clauses of an ALTER TABLE share one algorithm: that of the dearest. */
function cheapest(changes: readonly TableChange[]): Algorithm {
  let all: Algorithm = 'INSTANT';
  for (const change of changes) {
    const algorithm = algorithmOf(change);
    if (algorithm === null) return null;
    if (algorithm === 'INPLACE') all = 'INPLACE';
  }
  return changes.length === 0 ? null : all;
}

function algorithmOf(change: TableChange): Algorithm {
  switch (change.kind) {
    case 'add column':
      if (change.rowValue !== null || change.inline.includes('check')) return null;
      return change.inline.includes('unique') || change.inline.includes('primary key')
        ? 'INPLACE'
        : 'INSTANT';
    case 'drop column':
    case 'rename column':
    case 'set default':
    case 'drop default':
      return 'INSTANT';
    case 'add index':
      return change.special ? null : 'INPLACE';
    case 'add constraint':
      // CHECK and, with foreign_key_checks on, FOREIGN KEY copy the table.
      return change.type === 'primary key' ? 'INPLACE' : null;
    case 'drop constraint':
      if (change.type === 'index' || change.type === 'foreign key') return 'INPLACE';
      return change.type === 'check' ? 'INSTANT' : null;
    case 'change type':
      // Whether the new definition needs a copy is the server's to say: it refuses then.
      return 'INPLACE';
    case 'algorithm':
    case 'lock':
      // It says already under which lock it may run.
      return null;
    case 'rename table':
    case 'set not null':
    case 'drop not null':
    case 'validate constraint':
    case 'attach partition':
    case 'detach partition':
    case 'other':
      return null;
  }
}

/** CREATE INDEX with its clauses, and DROP INDEX as the ALTER TABLE that it is: MariaDB's takes no clauses of its own (error 1064). */
function indexForm(sql: string, mode: SqlMode | undefined): readonly OnlineUnit[] | null {
  const cursor = new Cursor(sql, 'mysql', mode);
  const has = (...words: readonly string[]): boolean =>
    findWords(cursor, 0, Number.POSITIVE_INFINITY, ...words) !== null;
  if (has('ALGORITHM') || has('LOCK') || !has('ON')) return null;
  if (cursor.take('DROP', 'INDEX')) return dropIndexForm(cursor);
  if (!cursor.take('CREATE')) return null;
  cursor.take('UNIQUE');
  if (!cursor.is('INDEX')) return null;
  while (!cursor.atEnd) cursor.skip();
  return form(`${textOf(sql, spanOf(cursor, 0, cursor.position))} ALGORITHM=INPLACE LOCK=NONE`);
}

function dropIndexForm(cursor: Cursor): readonly OnlineUnit[] | null {
  const nameAt = cursor.position;
  cursor.ifExists();
  cursor.identifier();
  const name = textOf(cursor.sql, spanOf(cursor, nameAt, cursor.position));
  if (!cursor.take('ON')) return null;
  const tableAt = cursor.position;
  cursor.qualifiedName();
  const table = textOf(cursor.sql, spanOf(cursor, tableAt, cursor.position));
  return cursor.atEnd
    ? form(`ALTER TABLE ${table} DROP INDEX ${name}, ALGORITHM=INPLACE, LOCK=NONE`)
    : null;
}
