/** Names that Postgres understands and prints differently. Source: PostgreSQL manual, 8 Data Types. */
const ALIASES: Readonly<Record<string, string>> = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  bool: 'boolean',
  float4: 'real',
  float8: 'double precision',
  float: 'double precision',
  varchar: 'character varying',
  char: 'character',
  bpchar: 'character',
  decimal: 'numeric',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
  varbit: 'bit varying',
};

/** Whether two spellings mean one type: aliases, case, quotes, spaces and the schema before a name aside. */
export function sameType(one: string, other: string): boolean {
  return normalised(one) === normalised(other);
}

function normalised(type: string): string {
  const spaced = type
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\s*([(,])\s*|\s+(?=\))/g, '$1');
  // An enum is printed with its schema where the search path does not lead to it.
  const bare = spaced.replace(/^(?:"(?:[^"]|"")*"|[\w$]+)\./, '').replaceAll('"', '');
  const [, name = '', length = '', rest = '', array = ''] =
    /^([^([]+?)\s?(\([^)]*\))?( with(?:out)? time zone)?((?:\[\d*\])*)$/i.exec(bare) ?? [];
  const word = name.toLowerCase();
  const known = rest === '' ? (ALIASES[word] ?? word) : word;
  // `timestamp(3) without time zone`: the length stands inside the name.
  const [head = '', ...tail] = known.split(/ (?=with)/);
  const zone = (rest === '' ? tail.map((part) => ` ${part}`).join('') : rest).toLowerCase();
  const size = length === '' && known === 'character' ? '(1)' : length.replaceAll(',0)', ')');
  return name === '' ? bare.toLowerCase() : `${head}${size}${zone}${array.replace(/\d/g, '')}`;
}
