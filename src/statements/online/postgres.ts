import { createHash } from 'node:crypto';
import { quoteIdentifier } from '../../database/identifiers.js';
import { Cursor } from '../cursor.js';
import { readAlterTable } from '../table-changes/read-alter-table.js';
import { findWords, offsetAt, offsetBefore, spanOf, textOf } from '../table-changes/spans.js';
import type { AlterTable } from '../table-changes/table-change.js';
import type { OnlineUnit } from './online-form.js';

type Form = readonly OnlineUnit[] | null;

/** See `onlineForm`. */
export function postgresOnlineForm(sql: string): Form {
  const alter = readAlterTable(sql, 'postgresql');
  if (alter !== null) return alterForm(sql, alter);
  const cursor = new Cursor(sql, 'postgresql');
  switch (cursor.word()) {
    case 'CREATE':
      return createIndexForm(cursor);
    case 'DROP':
      return dropIndexForm(cursor);
    case 'REINDEX':
      return reindexForm(cursor);
    default:
      return null;
  }
}

function alone(statement: string): OnlineUnit {
  return { mode: 'autocommit', statements: [statement] };
}

function together(...statements: readonly string[]): OnlineUnit {
  return { mode: 'transaction', statements };
}

function name(text: string): string {
  return quoteIdentifier('postgresql', text);
}

function alterForm(sql: string, alter: AlterTable): Form {
  const [change, more] = alter.changes;
  if (change === undefined || more !== undefined) return null;
  const head = textOf(sql, alter.head);
  if (change.kind === 'set not null') return notNullForm(sql, alter, head, change.column);
  if (change.kind !== 'add constraint' || change.usingIndex || change.notValid) return null;
  const definition = textOf(sql, change.definition);
  switch (change.type) {
    case 'check':
    case 'foreign key':
      // Without a name nobody can ask for its validation: the server would choose one.
      if (change.constraint === null) return null;
      return [
        together(`${sql.slice(alter.head.from, alter.end)} NOT VALID`),
        together(`${head} VALIDATE CONSTRAINT ${name(change.constraint)}`),
      ];
    case 'unique':
      return change.constraint === null
        ? null
        : keyForm(alter, head, change.constraint, definition, 'UNIQUE');
    case 'primary key':
      return primaryKeyForm(alter, head, change.constraint, definition);
    case 'exclude':
    case 'not null':
      return null;
  }
}

/** Name of the check that proves a column's NOT NULL; the same at every try. */
function proofName({ table }: AlterTable, column: string): string {
  const text = `${table.schema ?? ''}.${table.name}.${column}`;
  return name(`mg_${createHash('sha256').update(text).digest('hex').slice(0, 8)}_nn`);
}

function notNullForm(sql: string, alter: AlterTable, head: string, column: string): Form {
  const proof = proofName(alter, column);
  return [
    together(`${head} ADD CONSTRAINT ${proof} CHECK (${name(column)} IS NOT NULL) NOT VALID`),
    together(`${head} VALIDATE CONSTRAINT ${proof}`),
    // Not in the transaction of VALIDATE: that would hold ACCESS EXCLUSIVE behind a scan. With a valid check there is none here (12+).
    together(sql.slice(alter.head.from, alter.end), `${head} DROP CONSTRAINT ${proof}`),
  ];
}

/** The parts of `UNIQUE [NULLS ...] (columns) [INCLUDE (...)] [WITH (...)] [DEFERRABLE ...]`; null = something else stands there. */
interface KeyParts {
  readonly nulls: string;
  readonly columns: string;
  readonly columnNames: readonly string[];
  /** INCLUDE and WITH, which are the index's. */
  readonly storage: string;
  /** What is the constraint's. */
  readonly deferral: string;
}

function keyParts(definition: string, keyword: 'UNIQUE' | 'PRIMARY'): KeyParts | null {
  const cursor = new Cursor(definition, 'postgresql');
  cursor.take(keyword);
  if (keyword === 'PRIMARY') cursor.take('KEY');
  const nullsAt = cursor.position;
  if (cursor.take('NULLS')) {
    cursor.take('NOT');
    cursor.take('DISTINCT');
  }
  const nulls = stretch(cursor, nullsAt, cursor.position);
  const columnsAt = cursor.position;
  if (!cursor.skipParentheses()) return null;
  const columnsEnd = cursor.position;
  const columnNames = names(cursor, columnsAt, columnsEnd);
  if (columnNames === null) return null;
  cursor.position = columnsEnd;
  if (cursor.take('INCLUDE')) cursor.skipParentheses();
  if (cursor.take('WITH')) cursor.skipParentheses();
  const storage = stretch(cursor, columnsEnd, cursor.position);
  const deferralAt = cursor.position;
  if (!cursor.atEnd && !['DEFERRABLE', 'NOT', 'INITIALLY'].includes(cursor.word())) return null;
  while (!cursor.atEnd) cursor.skip();
  const deferral = stretch(cursor, deferralAt, cursor.position);
  return {
    nulls,
    columns: stretch(cursor, columnsAt, columnsEnd),
    columnNames,
    storage,
    deferral,
  };
}

function stretch(cursor: Cursor, from: number, to: number): string {
  return from === to ? '' : textOf(cursor.sql, spanOf(cursor, from, to));
}

/** Plain column names in parentheses; null where anything else stands, such as WITHOUT OVERLAPS. */
function names(cursor: Cursor, from: number, to: number): readonly string[] | null {
  cursor.position = from + 1;
  const found: string[] = [];
  do {
    const column = cursor.identifier();
    if (column === null) return null;
    found.push(column);
  } while (cursor.takeText(','));
  return cursor.position === to - 1 ? found : null;
}

/** A unique index under the constraint's name, then the constraint that takes it over: a catalogue change only. */
function keyForm(
  alter: AlterTable,
  head: string,
  constraint: string,
  definition: string,
  keyword: 'UNIQUE' | 'PRIMARY',
  parts: KeyParts | null = keyParts(definition, keyword),
): Form {
  if (parts === null) return null;
  const table =
    alter.table.schema === null
      ? name(alter.table.name)
      : `${name(alter.table.schema)}.${name(alter.table.name)}`;
  const index = words(
    `CREATE UNIQUE INDEX CONCURRENTLY ${name(constraint)} ON ${table} ${parts.columns}`,
    ...indexClauses(parts),
  );
  const key = keyword === 'PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE';
  const promote = words(
    `${head} ADD CONSTRAINT ${name(constraint)} ${key} USING INDEX ${name(constraint)}`,
    parts.deferral,
  );
  return [alone(index), together(promote)];
}

/** CREATE INDEX wants INCLUDE before NULLS, and WITH behind it; a constraint has NULLS first. */
function indexClauses({ nulls, storage }: KeyParts): readonly string[] {
  const withAt = /\bWITH\b/i.exec(storage)?.index ?? storage.length;
  return [storage.slice(0, withAt).trim(), nulls, storage.slice(withAt).trim()];
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** Bytes that leave room for `_pkey` in a name that Postgres makes itself without cutting it. */
const UNCUT_BYTES = 58;

function primaryKeyForm(
  alter: AlterTable,
  head: string,
  given: string | null,
  definition: string,
): Form {
  const parts = keyParts(definition, 'PRIMARY');
  if (parts === null) return null;
  const { table } = alter;
  if (given === null && Buffer.byteLength(table.name) > UNCUT_BYTES) return null;
  const key = keyForm(alter, head, given ?? `${table.name}_pkey`, definition, 'PRIMARY', parts);
  const [index, promote] = key ?? [];
  if (index === undefined || promote === undefined) return null;
  const proofs = parts.columnNames.map((column) => ({ column, proof: proofName(alter, column) }));
  return [
    ...proofs.flatMap(({ column, proof }) => [
      together(`${head} ADD CONSTRAINT ${proof} CHECK (${name(column)} IS NOT NULL) NOT VALID`),
      together(`${head} VALIDATE CONSTRAINT ${proof}`),
    ]),
    index,
    together(
      ...promote.statements,
      ...proofs.map(({ proof }) => `${head} DROP CONSTRAINT ${proof}`),
    ),
  ];
}

/** Puts CONCURRENTLY behind a word, where it is not there yet. */
function concurrently(cursor: Cursor, behind: number): Form {
  const at = offsetBefore(cursor, behind);
  while (!cursor.atEnd) cursor.skip();
  const { sql } = cursor;
  const { from, to } = spanOf(cursor, 0, cursor.position);
  return [alone(`${sql.slice(from, at)} CONCURRENTLY${sql.slice(at, to)}`)];
}

function createIndexForm(cursor: Cursor): Form {
  cursor.skip();
  cursor.take('UNIQUE');
  if (!cursor.take('INDEX') || cursor.is('CONCURRENTLY')) return null;
  const behind = cursor.position;
  const on = findWords(cursor, behind, Number.POSITIVE_INFINITY, 'ON');
  // `ON ONLY` is for the parent of partitions, where there is no concurrent build.
  if (on === null || cursor.peek(on + 1 - cursor.position)?.text.toUpperCase() === 'ONLY')
    return null;
  return concurrently(cursor, behind);
}

function dropIndexForm(cursor: Cursor): Form {
  cursor.skip();
  if (!cursor.take('INDEX') || cursor.is('CONCURRENTLY')) return null;
  const behind = cursor.position;
  cursor.ifExists();
  const [, more] = cursor.objects('index');
  if (more !== undefined || cursor.is('CASCADE')) return null;
  return concurrently(cursor, behind);
}

function reindexForm(cursor: Cursor): Form {
  cursor.skip();
  if (cursor.isText('(')) return null;
  if (cursor.takeAny('INDEX', 'TABLE') === null || cursor.is('CONCURRENTLY')) return null;
  return offsetAt(cursor, cursor.position) === cursor.sql.length
    ? null
    : concurrently(cursor, cursor.position);
}
