import type { Key } from './backfill.js';

/**
 * Where to cut a table into ranges: the keys of a sample that divide it into equal parts. Pure.
 *
 * @param sample in the database's own order
 * @param bound the last key of all; no range begins there
 * @returns at most `ranges - 1` keys, each the inclusive upper end of its range
 */
export function cutsOf(sample: readonly Key[], bound: Key, ranges: number): readonly Key[] {
  const distinct = sample.filter(
    (key, index) => !sameKey(key, bound) && !sameKey(key, sample[index - 1] ?? null),
  );
  const cuts: Key[] = [];
  for (let part = 1; part < ranges; part += 1) {
    const key = distinct[Math.floor((distinct.length * part) / ranges)];
    if (key !== undefined && !sameKey(key, cuts.at(-1) ?? null)) cuts.push(key);
  }
  return cuts;
}

/** Whether two keys are the same text. Order is the database's business. */
export function sameKey(one: Key | null, other: Key | null): boolean {
  if (one === null || other === null) return one === other;
  return one.length === other.length && one.every((part, index) => part === other[index]);
}
