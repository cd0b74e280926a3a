import { objectDigest } from '../../database/object-digest.js';
import type { Session } from '../../database/database.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import { statementAt } from '../../plan/steps.js';
import type { AutocommitWork, DialectRun, StepTiming } from '../dialect-run.js';
import { swapsLookalikes } from './lookalikes.js';

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
    pipelined: false,

    async begin(session, timing) {
      await setLockWait(session, timing);
      await session.query('start transaction');
    },

    async execute(session, sql, timing) {
      await withWatchdog(session, timing, () => session.execute(sql));
    },

    async autocommit(session: Session, work: AutocommitWork) {
      const statement = statementAt(work.action.migration, work.step);
      await setLockWait(session, work.timing);
      await withWatchdog(session, work.timing, () => session.execute(statement.sql));
    },

    async alone(session, sql, timing) {
      await setLockWait(session, timing);
      await session.execute(sql);
    },

    async digest(session, action, step) {
      if (step.kind !== 'statement') return null;
      const { category, touches } = statementAt(action.migration, step).is;
      if (category !== 'ddl') return null;
      if (touches.length === 0 || (await swapsLookalikes(session, touches))) return null;
      return objectDigest(session, touches);
    },

    async keepSettings(session) {
      const [kept] = await session.query<KeptSettings>(READ_SETTINGS);
      if (kept === undefined) throw new TypeError('the server did not tell its settings');
      return async () => {
        await session.query(
          `set ${SETTINGS.map((name) => `session ${name} = ?`).join(', ')}`,
          SETTINGS.map((name) => settingValue(name, kept[name])),
        );
        lockWaitSeconds = null;
        if (kept.db !== null) await session.query(`use ${quoteIdentifier('mysql', kept.db)}`);
      };
    },
  };
}

/** What migrations of real projects set (drizzle.md 6.2). */
const SETTINGS = [
  'sql_mode',
  'foreign_key_checks',
  'unique_checks',
  'time_zone',
  'autocommit',
  'lock_wait_timeout',
] as const;
type KeptSettings = Readonly<Record<(typeof SETTINGS)[number], string | number>> & {
  readonly db: string | null;
};
const READ_SETTINGS = `select ${SETTINGS.map((name) => `@@session.${name} as ${name}`).join(', ')}, database() as db`;

/** Numbers arrive as text, and the server takes no text for a switch. */
function settingValue(name: (typeof SETTINGS)[number], value: string | number): string | number {
  return name === 'sql_mode' || name === 'time_zone' ? value : Number(value);
}

/**
 * MySQL has a time-out for SELECT alone and neither server one for DDL, so the statement is cancelled from outside. A cancellation that
 * is on its way when the statement ends is waited for: it would hit the next one.
 */
async function withWatchdog<T>(
  session: Session,
  timing: StepTiming,
  work: () => Promise<T>,
): Promise<T> {
  if (timing.statementTimeoutMs === null) return work();
  let cancelling: Promise<void> | undefined;
  const timer = setTimeout(() => {
    cancelling = session.cancel().catch(() => undefined);
  }, timing.statementTimeoutMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    await cancelling;
  }
}
