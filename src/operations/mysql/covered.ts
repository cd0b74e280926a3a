import type { CoveredEffect, CoveredStatement } from '../operation-action.js';
import type { TableFacts } from '../table-facts.js';
import { Cursor } from '../../statements/cursor.js';
import { ColumnDefinition } from './column-definition.js';

/** The covered statement that does this to a column, if one does. */
export function coveredColumn(
  covered: readonly CoveredStatement[],
  effect: CoveredEffect['effect'],
  column: string,
): CoveredStatement | undefined {
  const lower = column.toLowerCase();
  return covered.find(({ effects }) =>
    effects.some(
      (each) =>
        each.effect === effect && each.kind === 'column' && each.name.toLowerCase() === lower,
    ),
  );
}

/** A statement with the algorithm and lock that the server has to keep to, or refuse it. One that names its own keeps it. */
export function asserted(sql: string, algorithm: string, lock?: string): string {
  const bare = sql.replace(/;\s*$/, '').trimEnd();
  if (/\bALGORITHM\s*=?\s*\w/i.test(bare)) return bare;
  const clauses = [`ALGORITHM=${algorithm}`, ...(lock === undefined ? [] : [`LOCK=${lock}`])];
  // CREATE INDEX takes them without commas. On a line of their own: a comment may end the statement.
  return /^\s*CREATE\b/i.test(bare)
    ? `${bare}\n${clauses.join(' ')}`
    : `${bare}\n, ${clauses.join(', ')}`;
}

/** The definition that a covered MODIFY, or CHANGE that keeps the name, gives a column; null where it is not plain enough to be read. */
export function coveredModification(sql: string, column: string): ColumnDefinition | null {
  const cursor = new Cursor(sql, 'mysql');
  if (!cursor.take('ALTER', 'TABLE') || cursor.qualifiedName() === null) return null;
  const verb = cursor.takeAny('MODIFY', 'CHANGE');
  cursor.take('COLUMN');
  const names = [cursor.identifier(), ...(verb === 'CHANGE' ? [cursor.identifier()] : [])];
  const start = cursor.peek()?.start;
  if (verb === null || start === undefined) return null;
  if (names.some((name) => name?.toLowerCase() !== column.toLowerCase())) return null;
  const text = sql.slice(start).replace(/;\s*$/, '');
  return ColumnDefinition.parse(text.replace(/\s+(?:FIRST|AFTER\s+\S+)\s*$/i, ''));
}

/** Defaults are compared by what they mean: `1.50` and `'1.50'`, `now()` and CURRENT_TIMESTAMP are the same. */
export function canonicalDefault(value: string | null): string {
  if (value === null) return 'null';
  const bare = value.trim().replace(/^\((.*)\)$/s, '$1');
  const quoted = /^'(.*)'$/s.exec(bare)?.[1];
  if (quoted !== undefined) return quoted;
  return bare
    .toLowerCase()
    .replace(
      /^(?:now|localtime|localtimestamp|current_timestamp)(?:\((\d*)\))?$/,
      (_, digits?: string) =>
        digits === undefined || digits === ''
          ? 'current_timestamp'
          : `current_timestamp(${digits})`,
    )
    .replace(/^true$/, '1')
    .replace(/^false$/, '0');
}

/** A type as this server would print it, for comparing what a file says with what the catalogue says. */
export function canonicalType(type: string, flavour: TableFacts['flavour']): string {
  const plain = type
    .replace(/\/\*.*?\*\//g, ' ')
    .replace(/'(?:[^'\\]|\\.|'')*'|[^']+/gs, (part) =>
      part.startsWith("'") ? part : part.toLowerCase().replace(/\s+/g, ' '),
    )
    .replace(/ ?([(),]) ?/g, '$1')
    .replace(/\)(?=\w)/g, ') ')
    .trim();
  const named = plain
    .replace(/^(?:boolean|bool)$/, 'tinyint(1)')
    .replace(/^integer\b/, 'int')
    .replace(/^(?:numeric|dec|fixed)\b/, 'decimal')
    .replace(/^double precision\b/, 'double')
    .replace(/^real\b/, 'double')
    .replace(/^(?:character varying|nvarchar)\b/, 'varchar')
    .replace(/^character\b/, 'char')
    .replace(/^decimal(?!\()/, 'decimal(10,0)')
    .replace(/^decimal\((\d+)\)/, 'decimal($1,0)')
    .replace(/^(char|binary|bit)(?!\w|\()/, '$1(1)')
    .replace(/^(timestamp|datetime|time)\(0\)/, '$1')
    .replace(/^year\(\d+\)/, 'year');
  const sized = /^tinyint\(1\)$|zerofill/.test(named)
    ? named
    : named.replace(/^(tinyint|smallint|mediumint|int|bigint)\(\d+\)/, '$1');
  // MariaDB's json is longtext with a check.
  return flavour === 'mariadb' && sized === 'json' ? 'longtext' : sized;
}
