import { withTransaction } from '../database/with-transaction.js';
import type { BackfillSpec, Key, Pass, PassDeps, RangeProgress } from './backfill.js';
import { cancelled, writersStay } from './backfill-errors.js';
import { FIRST_ROWS } from './chunk-size.js';
import { cutsOf } from './cut-ranges.js';
import type { BackfillDialect } from './dialect.js';
import { pause } from './wait.js';

/** Ranges of a table whose number nobody gave: more than are gone through side by side, so that none is left over alone at the end. */
const RANGES = 16;
/** Rows below which one range is enough. */
const SMALL_TABLE = 50_000;
/** Milliseconds between two looks for transactions that are still open, at first and at most. */
const FIRST_LOOK_MS = 50;
const LOOK_MS = 1000;

/** A pass that may begin or go on. */
export interface OpenPass {
  readonly ranges: readonly RangeProgress[];
  readonly resumed: boolean;
  readonly estimate: number | null;
}

/**
 * Goes on with what is on record, or begins: waits for transactions that have written the table, fixes the bound, cuts the ranges.
 *
 * @param waitMs milliseconds to wait for those transactions
 * @throws {MigratorError} `BACKFILL_STALLED`, `FENCED`
 */
export async function openPass(
  spec: BackfillSpec,
  pass: Pass,
  dialect: BackfillDialect,
  deps: PassDeps,
  waitMs: number,
): Promise<OpenPass> {
  const { lock, store } = deps;
  const estimate = await dialect.estimate(lock.session);
  const existing = await store.read(lock.session, spec.id, pass);
  if (existing.length > 0 && goesOn(existing, pass, deps.again ?? spec.pending !== null)) {
    return { ranges: existing, resumed: true, estimate };
  }
  const wishes = wishesOf(await store.read(lock.session, spec.id), existing, spec);
  if (wishes.want === 'cancel') throw cancelled(spec.id);
  if (pass !== 'verify') await waitForOlderWriters(spec.id, dialect, deps, waitMs);
  const bound = await dialect.bound(lock.session);
  const ranges =
    bound === null
      ? []
      : (await cut(spec, pass, dialect, deps, bound, estimate)).map((range) => ({
          ...range,
          ...wishes,
        }));
  await withTransaction(lock.session, {}, async () => {
    await lock.checkFence(lock.session);
    if (ranges.length > 0) await store.begin(lock.session, ranges, lock.fence);
  });
  return { ranges, resumed: false, estimate };
}

/** A verification that found something is begun again: what it found may have been repaired. */
function goesOn(ranges: readonly RangeProgress[], pass: Pass, again: boolean): boolean {
  if (pass === 'verify' && ranges.some(({ rowsChanged }) => rowsChanged > 0)) return false;
  return ranges.some(({ finished }) => !finished) || !again;
}

/** What an operator wants counts for every pass until it is taken back; the rate that was set, for a pass that is gone through again. */
function wishesOf(
  all: readonly RangeProgress[],
  before: readonly RangeProgress[],
  { settings }: BackfillSpec,
): Pick<RangeProgress, 'want' | 'maxRowsPerSecond'> {
  const [first] = before;
  return {
    want: all.find(({ want }) => want !== 'run')?.want ?? 'run',
    maxRowsPerSecond: first === undefined ? settings.maxRowsPerSecond : first.maxRowsPerSecond,
  };
}

async function waitForOlderWriters(
  id: string,
  dialect: BackfillDialect,
  { lock, signal }: PassDeps,
  waitMs: number,
): Promise<void> {
  const began = performance.now();
  const older = await dialect.olderWriters(lock.session);
  for (let looks = 0; ; looks += 1) {
    signal.throwIfAborted();
    const left = await older.left(lock.session);
    if (left.length === 0) return;
    const waitedMs = performance.now() - began;
    if (waitedMs > waitMs) throw writersStay(id, waitedMs, left);
    await pause(Math.min(LOOK_MS, FIRST_LOOK_MS * 2 ** looks), signal);
  }
}

async function cut(
  spec: BackfillSpec,
  pass: Pass,
  dialect: BackfillDialect,
  { lock }: PassDeps,
  bound: Key,
  estimate: number | null,
): Promise<readonly RangeProgress[]> {
  const wanted = !dialect.parallel
    ? 1
    : (spec.settings.ranges ?? (estimate !== null && estimate < SMALL_TABLE ? 1 : RANGES));
  const sample = wanted === 1 ? [] : await dialect.sample(lock.session, bound, estimate);
  const ends = [...cutsOf(sample, bound, wanted), bound];
  return ends.map((end, index) => ({
    id: spec.id,
    pass,
    range: index,
    cursor: null,
    from: ends[index - 1] ?? null,
    bound: end,
    rowsDone: 0,
    rowsChanged: 0,
    batch: FIRST_ROWS,
    want: 'run',
    maxRowsPerSecond: spec.settings.maxRowsPerSecond,
    failures: [],
    finished: false,
  }));
}
