import { StatementError, type Session } from '../../database/database.js';
import { readProcesses, type Process } from '../../database/mysql/process-list.js';
import type { BlockingSession } from '../../run-events.js';
import type { SessionDirectory } from '../dialect.js';
import type { SessionRef } from '../lock.js';

/** ER_NO_SUCH_THREAD. */
const NO_SUCH_THREAD = 1094;

/** Longest value of `migration_lock.session_start`. */
const START_LENGTH = 64;

/** A connection as the server lists it, and what identifies it; null = not there, or of another account and we lack PROCESS. */
export async function findProcess(
  session: Session,
  id: string,
): Promise<{ readonly seen: BlockingSession; readonly start: string | null } | null> {
  const process = (await readProcesses(session)).find((one) => one.id === id);
  return process === undefined ? null : { start: startOf(process), seen: seenAs(process) };
}

/** How a connection is shown to people. */
export function seenAs({ id, user, command }: Process): BlockingSession {
  return { pid: id, role: user, application: null, state: command, transactionAgeMs: null };
}

/**
 * What tells a connection from a later one with the same id (ids begin again when the server restarts): user, client host
 * and client port. MySQL does not show when a connection was made.
 */
function startOf({ user, host }: Process): string | null {
  return user === null || host === null ? null : `${user}@${host}`.slice(0, START_LENGTH);
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
