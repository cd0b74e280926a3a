/**
 * How values of our own queries arrive, whatever the application registered with `pg.types.setTypeParser`:
 * integers up to 32 bits and floats as numbers, json parsed, everything that JavaScript cannot hold exactly (bigint, numeric, dates) as text.
 */
const TEXT_TYPES: ReadonlySet<number> = new Set([
  20, // int8
  1700, // numeric
  1082, // date
  1083, // time
  1114, // timestamp
  1184, // timestamptz
  1186, // interval
  1266, // timetz
  25, // text
  1043, // varchar
  19, // name
  2950, // uuid
]);

const NUMBERS: ReadonlySet<number> = new Set([21, 23, 26, 700, 701]);

/** The parser of a type of ours; undefined = the driver's own (arrays, ranges, ...). */
export function parserOf(oid: number): ((value: string) => unknown) | undefined {
  if (TEXT_TYPES.has(oid)) return (value) => value;
  if (NUMBERS.has(oid)) return Number;
  if (oid === 16) return (value) => value === 't' || value === 'true';
  if (oid === 114 || oid === 3802) return (value) => JSON.parse(value) as unknown;
  return undefined;
}
