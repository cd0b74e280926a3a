import { StatementError, type Session } from '../../database/database.js';
import type { BlockingSession } from '../../run-events.js';
import type { SessionDirectory } from '../dialect.js';
import type { SessionRef } from '../lock.js';

interface ProcessRow {
  readonly id: string;
  readonly role: string | null;
  readonly command: string | null;
  readonly start: string | null;
  readonly transaction_age_ms: string | null;
}

/** ER_NO_SUCH_THREAD. */
const NO_SUCH_THREAD = 1094;

/** Longest value of `migration_lock.session_start`. */
const START_LENGTH = 64;

/**
 * What tells a connection from a later one with the same id (ids begin again when the server restarts): user, client host
 * and client port. MySQL does not show when a connection was made.
 */
const processStart = `left(concat(p.user, '@', p.host), ${START_LENGTH})`;

/** A connection as the server lists it, and what identifies it; null = not there, or of another account and we lack PROCESS. */
export async function findProcess(
  session: Session,
  id: string,
): Promise<{ readonly seen: BlockingSession; readonly start: string | null } | null> {
  const [row] = await session.query<ProcessRow>(
    `select cast(p.id as char) as id, p.user as role, p.command as command, ${processStart} as start, null as transaction_age_ms
       from information_schema.processlist p where p.id = ?`,
    [id],
  );
  if (row === undefined) return null;
  return {
    start: row.start,
    seen: {
      pid: row.id,
      role: row.role,
      application: null,
      state: row.command,
      transactionAgeMs: null,
    },
  };
}

/**
 * MySQL connections by id, user, host and port. A connection of another account is not listed for a role without PROCESS,
 * and counts as gone: its named lock was bound to it, and that lock is ours by now.
 */
export const mysqlSessions: SessionDirectory = {
  async find(session: Session, ref: SessionRef): Promise<BlockingSession | null> {
    const process = await findProcess(session, ref.id);
    if (process === null) return null;
    return ref.start === null || process.start === null || process.start === ref.start
      ? process.seen
      : null;
  },
  async terminate(session: Session, ref: SessionRef): Promise<boolean> {
    if (!/^\d+$/.test(ref.id)) return false;
    const process = await findProcess(session, ref.id);
    if (process !== null && ref.start !== null && process.start !== ref.start) return false;
    try {
      // KILL takes no placeholder; the id is digits.
      await session.query(`kill ${ref.id}`);
      return true;
    } catch (error) {
      if (error instanceof StatementError && error.facts.errno === NO_SUCH_THREAD) return false;
      throw error;
    }
  },
  // The name is a connection attribute, given once when connecting.
  async rename(): Promise<void> {},
};
