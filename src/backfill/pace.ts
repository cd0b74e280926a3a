/** Milliseconds over which a limit is kept: chunks are no larger than what it allows in that time. */
const PACE_WINDOW_MS = 1000;

/** Rows that a chunk may have under a limit. Pure. */
export function pacedRows(rows: number, rowsPerSecond: number | null): number {
  if (rowsPerSecond === null) return rows;
  return Math.max(1, Math.min(rows, Math.floor((rowsPerSecond * PACE_WINDOW_MS) / 1000)));
}

/** Milliseconds until the next chunk may begin, after one that took `ms`. Pure. */
export function pauseAfter(rows: number, ms: number, rowsPerSecond: number | null): number {
  if (rowsPerSecond === null) return 0;
  return Math.max(0, (rows / rowsPerSecond) * 1000 - ms);
}
