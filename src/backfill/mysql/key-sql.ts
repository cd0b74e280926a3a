import { bindParameters } from '../../database/mysql/bind-parameters.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import type { BackfillSpec, Key } from '../backfill.js';

/** How a column's values become text and what stands for one in SQL, so that an index can be used and nothing is rounded. */
export type KeyKind =
  'integer' | 'decimal' | 'float' | 'text' | 'binary' | 'date' | 'time' | 'datetime' | 'other';

/** The kind of a type as the catalogue writes it, such as `bigint unsigned` or `varchar(20)`. Pure. */
export function kindOf(type: string): KeyKind {
  const word = /^\w+/.exec(type.toLowerCase())?.[0] ?? '';
  switch (word) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'integer':
    case 'bigint':
    case 'year':
    // Ordered by their number, which is not the order of their text.
    case 'enum':
    case 'set':
    case 'bit':
      return 'integer';
    case 'decimal':
    case 'numeric':
      return 'decimal';
    case 'float':
    case 'double':
    case 'real':
      return 'float';
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return 'text';
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return 'binary';
    case 'date':
      return 'date';
    case 'time':
      return 'time';
    case 'datetime':
    case 'timestamp':
      return 'datetime';
    default:
      return 'other';
  }
}

/** What makes a value of its text. */
const LITERALS: Readonly<Record<Exclude<KeyKind, 'integer' | 'decimal'>, string>> = {
  float: 'cast(? as double)',
  binary: 'unhex(?)',
  date: 'cast(? as date)',
  time: 'cast(? as time(6))',
  datetime: 'cast(? as datetime(6))',
  text: '?',
  other: '?',
};

/** A key in SQL. Its parts travel as text; comparisons are the database's. Values stand in the statement as literals. */
export class MysqlKey {
  readonly columns: readonly string[];
  readonly kinds: readonly KeyKind[];
  readonly #types: readonly string[];

  constructor(key: BackfillSpec['key']) {
    this.columns = key.map(({ column }) => quoteIdentifier('mysql', column));
    this.#types = key.map(({ type }) => type.toLowerCase());
    this.kinds = this.#types.map(kindOf);
  }

  /** Whether text of a part depends on the session's time zone. */
  get zoned(): boolean {
    return this.#types.some((type) => type.startsWith('timestamp'));
  }

  /** `a`, `b` */
  get list(): string {
    return this.columns.join(', ');
  }

  get descending(): string {
    return this.columns.map((column) => `${column} desc`).join(', ');
  }

  /** Each part as text, under the names `mg_k0`, `mg_k1`, ... */
  get asText(): string {
    return this.columns
      .map((column, index) => `${this.#text(index, column)} as mg_k${index}`)
      .join(', ');
  }

  values(key: Key): readonly string[] {
    return this.columns.map((_, index) => this.value(index, key[index] ?? ''));
  }

  value(index: number, text: string): string {
    const kind = this.kinds[index] ?? 'other';
    if (kind === 'integer') return BigInt(text).toString();
    // A type without its attributes: `decimal(10,2) unsigned` is none that can be cast to.
    const decimal = (this.#types[index] ?? '').replace(/\s.*$/, '');
    return bindParameters(kind === 'decimal' ? `cast(? as ${decimal})` : LITERALS[kind], [text]);
  }

  /**
   * Above a key. Row constructors use the range of an index badly, so it is written out: with the first column alone in front, which is all that
   * a range needs.
   */
  above(values: readonly string[]): string {
    return this.#beyond('>', '>', values);
  }

  /** Up to and with a key. */
  upTo(values: readonly string[]): string {
    return this.#beyond('<', '<=', values);
  }

  equals(values: readonly string[]): string {
    return this.columns.map((column, index) => `${column} = ${values[index]}`).join(' and ');
  }

  /** Reads what {@link asText} selected. */
  read(row: Readonly<Record<string, unknown>>): Key {
    return this.columns.map((_, index) => String(row[`mg_k${index}`]));
  }

  #text(index: number, column: string): string {
    const kind = this.kinds[index] ?? 'other';
    if (kind === 'text') return column;
    if (kind === 'binary') return `hex(${column})`;
    return `cast(${column}${kind === 'integer' ? ' + 0' : ''} as char)`;
  }

  #beyond(before: '>' | '<', last: '>' | '<=', values: readonly string[]): string {
    if (this.columns.length === 1) return `${this.columns[0]} ${last} ${values[0]}`;
    const cases = this.columns.map((column, index) => {
      const equal = this.columns.slice(0, index).map((name, at) => `${name} = ${values[at]}`);
      const operator = index === this.columns.length - 1 ? last : before;
      return `(${[...equal, `${column} ${operator} ${values[index]}`].join(' and ')})`;
    });
    return `${this.columns[0]} ${before}= ${values[0]} and (${cases.join(' or ')})`;
  }
}
