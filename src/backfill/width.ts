/** How many ranges are tried side by side, one after the other. */
const WIDTHS = [1, 2, 4] as const;
/** Milliseconds that each is measured for, and chunks that it takes at least. */
const MEASURE_MS = 1500;
const MEASURE_CHUNKS = 4;
/** What more sessions must bring at least: they cost the server something, and measurements vary. */
const WORTH = 1.15;

/** What a number of ranges side by side came to. */
export interface WidthRate {
  readonly ranges: number;
  readonly rowsPerSecond: number;
}

/** Where the search for the best number of ranges stands. */
export interface WidthSearch {
  readonly width: number;
  readonly measured: readonly WidthRate[];
  readonly decided: boolean;
  /** Of the measurement under way. */
  readonly sinceMs: number;
  readonly rows: number;
  readonly chunks: number;
}

/** Begins with one range at a time. */
export function beginSearch(nowMs: number): WidthSearch {
  return { width: 1, measured: [], decided: false, sinceMs: nowMs, rows: 0, chunks: 0 };
}

/** Measures anew: what was measured so far had a pause in it. */
export function restartMeasurement(search: WidthSearch, nowMs: number): WidthSearch {
  return search.decided ? search : { ...search, sinceMs: nowMs, rows: 0, chunks: 0 };
}

/**
 * Takes one chunk into account. Pure. Goes on from 1 to 2 to 4 while each brings at least 15 % more rows a second; the last that did is kept.
 *
 * @param most ranges that are left to work on
 */
export function measure(
  search: WidthSearch,
  chunkRows: number,
  nowMs: number,
  most: number,
): WidthSearch {
  if (search.decided) return search;
  const next = { ...search, rows: search.rows + chunkRows, chunks: search.chunks + 1 };
  const elapsedMs = nowMs - search.sinceMs;
  if (elapsedMs < MEASURE_MS || next.chunks < MEASURE_CHUNKS * search.width) return next;
  const rate = { ranges: search.width, rowsPerSecond: Math.round((next.rows * 1000) / elapsedMs) };
  const measured = [...search.measured, rate];
  const before = search.measured.at(-1);
  if (before !== undefined && rate.rowsPerSecond < before.rowsPerSecond * WORTH) {
    return { ...next, measured, width: before.ranges, decided: true };
  }
  const wider = WIDTHS.find((width) => width > search.width && width <= most);
  if (wider === undefined) return { ...next, measured, decided: true };
  return { width: wider, measured, decided: false, sinceMs: nowMs, rows: 0, chunks: 0 };
}
