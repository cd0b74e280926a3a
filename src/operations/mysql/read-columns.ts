import type { Session } from '../../database/database.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import type { ColumnFacts } from '../table-facts.js';
import { ColumnDefinition, columnDefinitions } from './column-definition.js';
import type { Place } from './place.js';

/** A column, and what it is computed from. */
export interface ReadColumn {
  readonly name: string;
  readonly facts: ColumnFacts;
  /** SQL of a generated column; '' = none. */
  readonly expression: string;
}

interface ColumnRow {
  readonly name: string;
  readonly nullable: string;
  readonly data_type: string;
  readonly type: string;
  readonly collation: string | null;
  readonly extra: string;
  readonly expression: string | null;
  readonly comment: string;
}

/** Columns in their order, with their definitions out of SHOW CREATE TABLE, which prints what MODIFY reads. */
export async function readColumns(
  session: Session,
  place: Place,
  createTable: string,
  tableCollation: string | null,
): Promise<ReadColumn[]> {
  const definitions = columnDefinitions(createTable);
  const rows = await session.query<ColumnRow>(
    `SELECT column_name AS name, is_nullable AS nullable, data_type AS data_type, column_type AS type,
       collation_name AS collation, extra AS extra, generation_expression AS expression, column_comment AS comment
     FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
    [place.schema, place.name],
  );
  return rows.map((row) => {
    const text = definitions.get(row.name) ?? null;
    const readable =
      text !== null && readsBack(session, text) ? withJson(session, row.name, text) : null;
    return {
      name: row.name,
      expression: row.expression ?? '',
      facts: columnFacts(row, text, readable, tableCollation),
    };
  });
}

/** Bytes that are no text are printed as U+FFFD, and without backslash escapes a literal would be read as another one. */
function readsBack(session: Session, definition: string): boolean {
  if (definition.includes('\uFFFD')) return false;
  return session.server.sqlMode.noBackslashEscapes !== true || !definition.includes('\\');
}

/**
 * MariaDB prints json as a longtext with a check, and takes that, in a MODIFY, for another type (1846, measured): the word is put back.
 */
function withJson(session: Session, name: string, definition: string): string {
  if (session.server.flavour !== 'mariadb') return definition;
  const check = ` CHECK (json_valid(${quoteIdentifier('mysql', name)}))`;
  if (!definition.startsWith('longtext') || !definition.endsWith(check)) return definition;
  return definition
    .slice(0, -check.length)
    .replace(/^longtext(?: CHARACTER SET utf8mb4)?(?: COLLATE utf8mb4_bin)?/, 'json');
}

function columnFacts(
  row: ColumnRow,
  text: string | null,
  definition: string | null,
  tableCollation: string | null,
): ColumnFacts {
  const parsed = text === null ? null : ColumnDefinition.parse(text);
  const type = row.data_type.toLowerCase();
  const value = parsed?.default ?? null;
  return {
    name: row.name,
    type: row.type,
    nullable: row.nullable === 'YES',
    default: value,
    volatileDefault: value !== null && isVolatile(value),
    generated: generatedAs(row.extra),
    identity: /auto_increment/i.test(row.extra),
    collation: row.collation === tableCollation ? null : row.collation,
    fullCollation: row.collation,
    looseEquality: row.collation !== null || type === 'json',
    comment: row.comment === '' ? null : row.comment,
    onUpdate: parsed?.onUpdate ?? null,
    definition,
  };
}

function generatedAs(extra: string): ColumnFacts['generated'] {
  if (/VIRTUAL GENERATED/i.test(extra)) return 'virtual';
  return /(STORED|PERSISTENT) GENERATED/i.test(extra) ? 'stored' : null;
}

/** Literals are the same for every row; expressions are taken to be so unless they name the clock, a sequence, chance or another column. */
function isVolatile(value: string): boolean {
  if (/^(?:'|[-+.\d]|b'|x'|0x|_\w+')/i.test(value)) return false;
  return /timestamp|\bnow\b|\bsysdate\b|\blocaltime|\bcur(?:date|time)\b|\butc_|uuid|sys_guid|\brand|\bnextval\b|random_bytes|`/i.test(
    value,
  );
}
