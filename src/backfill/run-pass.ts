import { StatementError } from '../database/database.js';
import { refusedStatement } from './backfill-errors.js';
import { MysqlBackfill } from './mysql/mysql-backfill.js';
import { PostgresBackfill } from './postgres/postgres-backfill.js';
import type { BackfillSpec, Pass, PassDeps, PassResult, ThrottleLimits } from './backfill.js';
import type { BackfillDialect } from './dialect.js';
import { Lanes } from './lanes.js';
import { openPass } from './open-pass.js';

const LIMITS: ThrottleLimits = {
  maxReplicaLagMs: 10_000,
  maxBlockedSessions: 10,
  pollMs: 1000,
  stallMs: 1_800_000,
};

const NOTHING: PassResult = {
  resumed: false,
  rowsDone: 0,
  rowsChanged: 0,
  pending: 0,
  sample: [],
  failures: [],
  durationMs: 0,
  ranges: 0,
};

/** Milliseconds to wait for transactions that have written the table. */
const OLDER_WRITERS_MS = 600_000;
/** Keys of a verification that are named. */
const SAMPLE = 20;

/**
 * Goes through the rows of a table once: each up to a bound that is fixed when the pass begins, in chunks of a transaction each, whose cursor, fence
 * check and rows are committed together. Whoever is killed or taken over is gone on behind, and never does a row twice.
 *
 * @throws {MigratorError} `ROWS_IN_THE_WAY`, `BACKFILL_CANCELLED`, `BACKFILL_STALLED`, `FENCED`, `MIGRATION_FAILED`, `CODE_MIGRATION_FAILED`, and the
 * signal's reason
 */
export async function runPass(spec: BackfillSpec, pass: Pass, deps: PassDeps): Promise<PassResult> {
  const began = performance.now();
  const signal = AbortSignal.any([deps.signal, deps.lock.lost]);
  signal.throwIfAborted();
  // Without a condition no row can be told from another.
  if (pass === 'verify' && spec.pending === null) return NOTHING;
  const limits = { ...LIMITS, ...deps.limits };
  const within: PassDeps = { ...deps, signal };
  const dialect = backfillDialect(spec, within);
  const waitMs = Math.min(OLDER_WRITERS_MS, limits.stallMs);
  const open = await openPass(spec, pass, dialect, within, waitMs).catch((error: unknown) => {
    throw error instanceof StatementError ? refusedStatement(spec.id, error) : error;
  });
  deps.emit({
    type: 'backfill.started',
    operation: spec.id,
    pass,
    ranges: open.ranges.length,
    resumed: open.resumed,
    estimatedRows: open.estimate,
  });
  const lanes = new Lanes(spec, pass, dialect, within, limits, open);
  await lanes.run();
  const ranges = await deps.store.read(deps.lock.session, spec.id, pass);
  const mine = open.ranges.length === 0 ? [] : ranges;
  const rowsDone = sum(mine.map((range) => range.rowsDone));
  const rowsChanged = sum(mine.map((range) => range.rowsChanged));
  const failures = mine.flatMap((range) => range.failures);
  // A row that verification could not even look at is one that is still to be done: it was passed over before, and what contract drops nothing brings back.
  const unseen = failures.filter(({ code }) => code !== 'pending').length;
  const result: PassResult = {
    resumed: open.resumed,
    rowsDone,
    rowsChanged: pass === 'verify' ? 0 : rowsChanged,
    pending: pass === 'verify' ? rowsChanged + unseen : 0,
    sample: pass === 'verify' ? failures.slice(0, SAMPLE).map(({ key }) => key) : [],
    failures: pass === 'verify' ? [] : failures,
    durationMs: Math.round(performance.now() - began),
    ranges: mine.length,
  };
  deps.emit({
    type: 'backfill.finished',
    operation: spec.id,
    pass,
    rows: result.rowsDone,
    changed: result.rowsChanged,
    pending: result.pending,
    failures: result.failures.length,
    durationMs: result.durationMs,
  });
  return result;
}

/** Counts the rows that are still to be done, without writing one. See {@link runPass}. */
export function verifyPass(spec: BackfillSpec, deps: PassDeps): Promise<PassResult> {
  return runPass(spec, 'verify', deps);
}

function backfillDialect(spec: BackfillSpec, deps: PassDeps): BackfillDialect {
  switch (deps.lock.session.server.dialect) {
    case 'postgresql':
      return new PostgresBackfill(spec, deps);
    case 'mysql':
      return new MysqlBackfill(spec, deps);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
