import type { TableFacts } from './table-facts.js';

/** A column of the key by which rows are gone through. */
export interface KeyColumn {
  readonly column: string;
  readonly type: string;
}

/** The key by which rows are gone through. */
export interface RowKey {
  /** Name of its index. */
  readonly index: string;
  readonly columns: readonly KeyColumn[];
}

/** Columns of {@link rowKeyOf}; null = there is none. */
export function keyOf(facts: TableFacts): RowKey['columns'] | null {
  return rowKeyOf(facts)?.columns ?? null;
}

/** The primary key, else a unique key that is NOT NULL throughout; null = there is none. */
export function rowKeyOf(facts: TableFacts): RowKey | null {
  const usable = facts.indexes
    .filter(({ unique, valid, partial }) => unique && valid && !partial)
    .map(({ name, primary, columns }) => ({
      name,
      primary,
      key: columns.map((part) => column(facts, part)),
    }))
    .filter(({ key }) => key.every((part) => part !== null))
    .sort((a, b) => Number(b.primary) - Number(a.primary) || a.key.length - b.key.length);
  const [best] = usable;
  return best === undefined
    ? null
    : { index: best.name, columns: best.key.filter((part) => part !== null) };
}

function column(facts: TableFacts, name: string | null): KeyColumn | null {
  const found = facts.columns.find((one) => one.name === name);
  return found === undefined || found.nullable ? null : { column: found.name, type: found.type };
}
