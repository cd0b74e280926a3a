import { StatementError, type Session } from '../../database/database.js';
import { statementAt } from '../../plan/steps.js';
import type { AutocommitWork, DialectRun, StepTiming } from '../dialect-run.js';
import { runConcurrently } from './concurrent-index.js';

/**
 * Postgres. A unit's ledger row and its work are one transaction, so the loss of a commit loses both and the next run does
 * it again: its commit need not wait for the disk. The run's last commit does, and flushes all before it.
 */
export const postgresRun: DialectRun = {
  pipelined: true,

  async begin(session, timing, durable) {
    await session.query(
      `begin; set local lock_timeout = ${whole(timing.lockTimeoutMs)}${
        durable ? '' : '; set local synchronous_commit = off'
      }${
        timing.statementTimeoutMs === null
          ? ''
          : `; set local statement_timeout = ${whole(timing.statementTimeoutMs)}`
      }`,
    );
  },

  // Its time-outs were set when the transaction was opened.
  async execute(session, sql) {
    await session.execute(sql);
  },

  async autocommit(session, work) {
    const { step, action, timing } = work;
    const statement = statementAt(action.migration, step);
    await setTimeouts(session, work);
    try {
      if (statement.is.concurrent !== null) await runConcurrently(session, statement, work);
      else await session.execute(statement.sql);
    } finally {
      if (!session.lost.aborted && timing.statementTimeoutMs !== null) {
        await session.query('set statement_timeout = 0').catch(ignoreRefusal);
      }
    }
  },

  async alone(session, sql, timing, unlimited) {
    await session.query(
      `set lock_timeout = ${unlimited ? 0 : whole(timing.lockTimeoutMs)}; set statement_timeout = 0`,
    );
    try {
      await session.execute(sql);
    } finally {
      if (!session.lost.aborted) await session.query('set lock_timeout = 0').catch(ignoreRefusal);
    }
  },

  digest: () => Promise.resolve(null),

  async keepSettings(session) {
    const kept = await session.query<{ readonly name: string; readonly setting: string }>(
      "select name, setting from pg_settings where source = 'session'",
    );
    return async () => {
      // RESET ALL keeps advisory locks, where DISCARD ALL would release ours; it does not reset the role (drizzle.md 6.2).
      await session.query('reset role; reset all');
      await session.query(
        'select set_config(name, setting, false) from unnest($1::text[], $2::text[]) as kept (name, setting)',
        [kept.map(({ name }) => name), kept.map(({ setting }) => setting)],
      );
    };
  },
};

/**
 * No lock_timeout for CONCURRENTLY: it also cancels the wait for old snapshots, and leaves an invalid index behind
 * (locks.md 8). What the file itself set before stays for other statements.
 */
async function setTimeouts(session: Session, work: AutocommitWork): Promise<void> {
  const { statementTimeoutMs } = work.timing;
  if (statementAt(work.action.migration, work.step).is.concurrent !== null) {
    await session.query('set lock_timeout = 0');
  }
  if (statementTimeoutMs !== null) {
    await session.query(`set statement_timeout = ${whole(statementTimeoutMs)}`);
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof StatementError)) throw error;
}

/** Time-outs are whole milliseconds; options are validated, this keeps a fraction out of the SQL. */
function whole(ms: StepTiming['lockTimeoutMs']): number {
  return Math.max(0, Math.ceil(ms));
}
