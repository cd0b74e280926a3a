import type { ColumnFacts, TableFacts } from '../table-facts.js';

const NUMBER =
  /^(?:tinyint|smallint|mediumint|int|integer|bigint|decimal|numeric|float|double|real)\b/i;

/** Whether values of a type are compared by a collation, or as json, rather than by their bytes. */
export function isText(type: string): boolean {
  return /^(?:(?:national )?(?:var)?char|character|nvarchar|(?:tiny|medium|long)?text|enum|set|json)\b/i.test(
    type.trim(),
  );
}

/**
 * A value as it stands in a column of the type once it was assigned: rounded to its digits. Comparing the value itself would find a
 * column that rounds out of step for ever. Where no cast does what the assignment does, the value as it is.
 */
export function arrivingIn(
  type: string,
  value: string,
  from: ColumnFacts,
  flavour: TableFacts['flavour'],
): string {
  const plain = type.trim().toLowerCase();
  const [, digits] = /^(?:decimal|numeric|dec|fixed)\s*(\([\d\s,]+\))/.exec(plain) ?? [];
  if (digits !== undefined) return `cast(${value} as decimal${digits})`;
  const [, moment, precision = ''] = /^(datetime|timestamp|time)\s*(\(\d\))?/.exec(plain) ?? [];
  if (moment !== undefined) {
    return `cast(${value} as ${moment === 'time' ? 'time' : 'datetime'}${precision})`;
  }
  if (/^date\b/.test(plain)) return `cast(${value} as date)`;
  if (/^float\b/.test(plain) && flavour === 'mysql') return `cast(${value} as float)`;
  if (/^(?:tiny|small|medium|big)?int/.test(plain) && NUMBER.test(from.type))
    return `round(${value})`;
  if (plain === 'json' && flavour === 'mysql') return `cast(${value} as json)`;
  return value;
}
