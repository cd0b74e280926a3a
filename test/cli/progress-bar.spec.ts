import { expect, it } from '@jest/globals';
import { liveLineAfter, progressBar } from '../../src/cli/output/progress-bar.js';
import type { RunEvent } from '../../src/run-events.js';

const progress = (rows: number, estimatedRows: number | null, database = 'default') => ({
  type: 'backfill.progress' as const,
  operation: 'op',
  pass: 'backfill' as const,
  rows,
  changed: rows,
  estimatedRows,
  rowsPerSecond: 50,
  etaMs: estimatedRows === null || estimatedRows < rows ? null : 61_000,
  at: 0,
  database,
  runId: 'r',
});

it.each([
  [25, 100, 'op backfill  [######------------------]  25 %  25 rows  50 rows/s  1 min 1 s left'],
  [100, 100, 'op backfill  [########################] 100 %  100 rows  50 rows/s  1 min 1 s left'],
  [0, 100, 'op backfill  [------------------------]   0 %  0 rows  50 rows/s  1 min 1 s left'],
  // What cannot be told is not shown: an estimate that the rows have overtaken, or none.
  [101, 100, 'op backfill  101 rows  50 rows/s'],
  [0, 0, 'op backfill  0 rows  50 rows/s  1 min 1 s left'],
  [7, null, 'op backfill  7 rows  50 rows/s'],
])('%i of %s rows', (rows, estimate, line) => {
  expect(progressBar(progress(rows, estimate), 200)).toBe(line);
});

it('never wraps, and names the database where there are several', () => {
  expect(progressBar(progress(25, 100), 20)).toBe('op backfill  [#####');
  expect(progressBar(progress(25, null, 'orders'), 200)).toMatch(/^orders: op backfill {2}25 rows/);
});

it('goes with the pass, or with the run that failed', () => {
  const finished: RunEvent = {
    type: 'run.finished',
    unit: 'migration',
    outcome: 'failed',
    applied: 0,
    durationMs: 1,
    at: 0,
    database: 'default',
    runId: 'r',
  };
  expect(liveLineAfter(finished, 80)).toBeNull();
  expect(liveLineAfter({ ...finished, type: 'lock.released', fence: '1' }, 80)).toBeUndefined();
});
