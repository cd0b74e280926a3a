/** Two columns that are kept in step. SQL of values; `of` writes a column as the place needs it: `new."a"` in a trigger, `"a"` in a query. */
export interface Pair {
  readonly old: string;
  readonly new: string;
  /** SQL of the new value, made of the old one. */
  readonly up: (value: string) => string;
  /** SQL of the old value, made of the new one; null = it is the same value (a rename). */
  readonly down: ((value: string) => string) | null;
  /** Whether `=` calls old, or new, values equal whose bytes differ. */
  readonly loose: { readonly old: boolean; readonly new: boolean };
}

/**
 * Whether a row's two columns are in step: the one predicate of trigger, backfill and verification. Where `up` loses nothing but `down` does,
 * either direction will do, or the backfill would overwrite 1.23 with 1.
 */
export function inSync(pair: Pair, oldValue: string, newValue: string): string {
  const up = same(newValue, pair.up(oldValue), pair.loose.new);
  return pair.down === null
    ? up
    : `(${up} or ${same(oldValue, pair.down(newValue), pair.loose.old)})`;
}

/** Whether two values are the same, NULL included. Bytes decide: a change of case alone has to reach the other column as well. */
export function same(one: string, other: string, loose: boolean): string {
  return loose
    ? `(${one})::text collate "C" is not distinct from (${other})::text collate "C"`
    : `${one} is not distinct from ${other}`;
}
