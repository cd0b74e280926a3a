/** Fewest rows of a chunk: below, the round trips cost more than the work. */
export const MIN_ROWS = 10;
/** Most rows of a chunk: row locks, dead tuples and one binlog event stay of a size that others can live with. */
export const MAX_ROWS = 50_000;
/** Rows of the very first chunk: nobody knows yet how long a row takes. */
export const FIRST_ROWS = 200;
/** Chunks that are remembered. */
const REMEMBERED = 10;
const GROWTH = 1.5;
/** A chunk that took this many times its target was no accident: the next is a tenth. */
const FAR_OVER = 5;

/** One chunk that is done. */
export interface ChunkTiming {
  readonly rows: number;
  readonly ms: number;
}

/** The last chunks with one more, oldest first. */
export function remember(
  timings: readonly ChunkTiming[],
  timing: ChunkTiming,
): readonly ChunkTiming[] {
  return [...timings, timing].slice(-REMEMBERED);
}

/**
 * Rows of the next chunk, so that nine of ten take no longer than the target. Pure.
 *
 * | the last chunk | next |
 * | --- | --- |
 * | there was none | as many as now |
 * | took more than five times the target | a tenth |
 * | else | the target, divided by the 90th percentile of the time a row took; at most half as many again |
 *
 * @param rows rows of the chunk before
 */
export function nextChunkRows(
  rows: number,
  timings: readonly ChunkTiming[],
  targetMs: number,
): number {
  const last = timings.at(-1);
  if (last === undefined) return within(rows);
  if (last.ms > FAR_OVER * targetMs) return within(rows / 10);
  const perRow = timings
    .map((timing) => timing.ms / Math.max(1, timing.rows))
    .sort((a, b) => a - b);
  const p90 = perRow[Math.ceil(perRow.length * 0.9) - 1] ?? 0;
  const wanted = p90 === 0 ? Infinity : targetMs / p90;
  return within(Math.min(wanted, rows * GROWTH));
}

function within(rows: number): number {
  return Math.max(MIN_ROWS, Math.min(MAX_ROWS, Math.round(rows)));
}
