import { quoteIdentifier } from '../../database/identifiers.js';
import type { BackfillSpec, Key } from '../backfill.js';

/** Collects parameters. */
export class Parameters {
  readonly values: unknown[] = [];

  constructor(values: readonly unknown[] = []) {
    this.values.push(...values);
  }

  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/**
 * A key in SQL. Its parts travel as text and are cast to the columns' own types, as `format_type` writes them: nothing is lost in JavaScript,
 * and comparisons are the database's, by the columns' collation.
 */
export class PostgresKey {
  readonly columns: readonly string[];
  readonly #types: readonly string[];

  constructor(key: BackfillSpec['key']) {
    this.columns = key.map(({ column }) => quoteIdentifier('postgresql', column));
    this.#types = key.map(({ type }) => type);
  }

  /** `"a", "b"` */
  get list(): string {
    return this.columns.join(', ');
  }

  /** Each part as text, under the names `mg_k0`, `mg_k1`, ... */
  get asText(): string {
    return this.columns.map((column, index) => `${column}::text as mg_k${index}`).join(', ');
  }

  get descending(): string {
    return this.columns.map((column) => `${column} desc`).join(', ');
  }

  values(key: Key, params: Parameters): readonly string[] {
    return this.#types.map((type, index) => `${params.add(key[index])}::${type}`);
  }

  /** Row comparison: an index condition as a whole, for any number of columns. */
  compare(operator: '>' | '<=', values: readonly string[]): string {
    const [column = '', ...more] = this.columns;
    return more.length === 0
      ? `${column} ${operator} ${values[0]}`
      : `(${this.list}) ${operator} (${values.join(', ')})`;
  }

  /** The row with that key, given by placeholders. */
  equals(placeholders: readonly string[]): string {
    return this.columns
      .map((column, index) => `${column} = ${placeholders[index]}::${this.#types[index]}`)
      .join(' and ');
  }

  /** Reads what {@link asText} selected. */
  read(row: Readonly<Record<string, unknown>>): Key {
    return this.columns.map((_, index) => String(row[`mg_k${index}`]));
  }
}
