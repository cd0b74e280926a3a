import { objectDigest } from '../../database/mysql/object-digest.js';
import type { Session } from '../../database/database.js';
import type { AutocommitWork, DialectRun, StepTiming } from '../execute-migration.js';

/**
 * MySQL and MariaDB. Every DDL commits by itself, so each is a unit of its own, with a digest of the objects it touches
 * taken before it: after a crash an equal digest means it did not take effect, another one that it did, because a single
 * DDL is atomic and nobody else runs (drizzle.md 6.3).
 */
export function createMysqlRun(): DialectRun {
  // The session keeps the setting, so it is sent only when it changes: a round trip less for every statement.
  let lockWaitSeconds: number | null = null;

  /** lock_wait_timeout counts whole seconds; 1 is its minimum, so a shorter wait is rounded up. */
  async function setLockWait(session: Session, timing: StepTiming): Promise<void> {
    const seconds = Math.max(1, Math.ceil(timing.lockTimeoutMs / 1000));
    if (seconds === lockWaitSeconds) return;
    await session.query(`set session lock_wait_timeout = ${seconds}`);
    lockWaitSeconds = seconds;
  }

  return {
    async begin(session, timing) {
      await setLockWait(session, timing);
      await session.query('start transaction');
    },

    async autocommit(session: Session, work: AutocommitWork) {
      const statement = work.action.migration.statements[work.step.index];
      if (statement === undefined) throw new RangeError(`no statement ${work.step.index}`);
      await setLockWait(session, work.timing);
      await withWatchdog(session, work.timing, () => session.execute(statement.sql));
    },

    async digest(session, action, step) {
      if (step.kind === 'code') return null;
      const statement = action.migration.statements[step.index];
      if (statement === undefined || statement.is.category !== 'ddl') return null;
      return statement.is.touches.length === 0 ? null : objectDigest(session, statement.is.touches);
    },

    async reset(session) {
      lockWaitSeconds = null;
      await session.query(RESET_SETTINGS);
    },
  };
}

/** What migrations of real projects set; the server's own values come back (drizzle.md 6.2). */
const RESET_SETTINGS =
  'set session sql_mode = @@global.sql_mode, session foreign_key_checks = @@global.foreign_key_checks, session unique_checks = @@global.unique_checks, session time_zone = @@global.time_zone, autocommit = 1';

/** Neither server has a time-out for DDL, so the statement is cancelled from outside. */
async function withWatchdog<T>(session: Session, timing: StepTiming, work: () => Promise<T>): Promise<T> {
  if (timing.statementTimeoutMs === null) return work();
  const timer = setTimeout(() => void session.cancel().catch(() => undefined), timing.statementTimeoutMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
