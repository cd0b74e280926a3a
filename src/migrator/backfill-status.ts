import type { RangeProgress } from '../backfill/backfill.js';
import type { PassTimes } from '../ledger/progress-store.js';
import type { BackfillStatus } from './backfills-contract.js';

/** What the status of one pass is made of. */
export interface PassFacts {
  /** Of this pass, all of them. */
  readonly ranges: readonly RangeProgress[];
  readonly times: PassTimes;
  readonly table: { readonly schema: string | null; readonly name: string } | null;
  /** null = unknown, or not asked for. */
  readonly estimatedRows: number | null;
  /** Whether a runner has the lock. */
  readonly atWork: boolean;
  /** Its id, where that is on record. */
  readonly holder: string | null;
  readonly by: BackfillStatus['by'];
}

/**
 * One pass as `backfill list` shows it. Pure. First matching row decides:
 *
 * | what is on record | state |
 * | --- | --- |
 * | every range is done | `finished` |
 * | want is cancel | `cancelled` |
 * | want is pause | `paused` |
 * | a runner has the lock | `running` |
 * | nobody has | `interrupted`: the next run goes on |
 */
export function backfillStatus(name: string, facts: PassFacts): BackfillStatus {
  const { ranges, times, table, atWork } = facts;
  const rows = sum(ranges.map(({ rowsDone }) => rowsDone));
  const finished = times.finishedAtMs !== null;
  const want = ranges[0]?.want ?? 'run';
  const maxRowsPerSecond = ranges[0]?.maxRowsPerSecond ?? null;
  const state = finished
    ? 'finished'
    : want === 'cancel'
      ? 'cancelled'
      : want === 'pause'
        ? 'paused'
        : atWork
          ? 'running'
          : 'interrupted';
  // An estimate that the rows themselves have overtaken says nothing.
  const estimated = facts.estimatedRows ?? -1;
  const left = finished || estimated < rows ? null : estimated - rows;
  const rowsPerSecond = rateOf(rows, times);
  const limit = times.pass === 'verify' ? null : maxRowsPerSecond;
  const expected =
    rowsPerSecond === null || limit === null ? rowsPerSecond : Math.min(rowsPerSecond, limit);
  return {
    name,
    pass: times.pass,
    state,
    by: facts.by,
    holder: finished || !atWork ? null : facts.holder,
    table: table === null ? null : [table.schema, table.name].filter(Boolean).join('.'),
    ranges: ranges.length,
    rangesDone: ranges.filter((range) => range.finished).length,
    rows,
    changed: sum(ranges.map(({ rowsChanged }) => rowsChanged)),
    estimatedRows: facts.estimatedRows,
    // 100 is for what is done.
    percent: finished
      ? 100
      : left === null || estimated === 0
        ? null
        : Math.min(99, Math.floor((100 * rows) / estimated)),
    rowsPerSecond,
    etaMs:
      state !== 'running' || left === null || !expected
        ? null
        : Math.round((left / expected) * 1000),
    want,
    maxRowsPerSecond,
    quietMs: state === 'running' ? Math.max(0, times.nowMs - times.updatedAtMs) : null,
    failures: ranges.flatMap(({ failures }) => failures),
    startedAt: new Date(times.startedAtMs).toISOString(),
    finishedAt: times.finishedAtMs === null ? null : new Date(times.finishedAtMs).toISOString(),
  };
}

/** The average since the pass began; another process cannot know more. */
function rateOf(rows: number, { startedAtMs, updatedAtMs }: PassTimes): number | null {
  const ms = updatedAtMs - startedAtMs;
  return rows === 0 || ms <= 0 ? null : Math.round((rows * 1000) / ms);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
