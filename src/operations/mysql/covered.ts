import type { CoveredEffect, CoveredStatement } from '../operation-action.js';
import type { TableFacts } from '../table-facts.js';

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

/** A covered ALTER TABLE with the algorithm and lock that the server has to keep to, or refuse it. One that names its own keeps it. */
export function asserted(sql: string, clause: string): string {
  const bare = sql.replace(/;\s*$/, '').trimEnd();
  // On a line of its own: a comment may end the statement.
  return /\bALGORITHM\s*=?\s*\w/i.test(bare) ? bare : `${bare}\n, ${clause}`;
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
