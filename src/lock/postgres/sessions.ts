import type { Session } from '../../database/database.js';
import type { BlockingSession } from '../../run-events.js';
import type { SessionDirectory } from '../dialect.js';
import type { SessionRef } from '../lock.js';
import { activityColumns, sessionStart, toBlockingSession, type ActivityRow } from './activity.js';

/**
 * The pid exists and its start is equal or cannot be compared. For a session of another role `backend_start` is NULL
 * (measured): a plain comparison would find nothing and take a living predecessor for gone.
 */
const isThatSession = `a.pid = $1::int and (a.backend_start is null or $2::text is null or ${sessionStart} = $2::text)`;

/** Postgres sessions by pid and start, which together name one session and no later one. */
export const postgresSessions: SessionDirectory = {
  async find(session: Session, ref: SessionRef): Promise<BlockingSession | null> {
    const [row] = await session.query<ActivityRow>(
      `select a.pid::text as pid, ${activityColumns} from pg_stat_activity a where ${isThatSession}`,
      [ref.id, ref.start],
    );
    return row === undefined ? null : toBlockingSession(row);
  },
  async terminate(session: Session, ref: SessionRef): Promise<boolean> {
    const rows = await session.query<{ sent: boolean }>(
      `select pg_terminate_backend(a.pid) as sent from pg_stat_activity a where ${isThatSession}`,
      [ref.id, ref.start],
    );
    return rows[0]?.sent === true;
  },
  async rename(session: Session, name: string): Promise<void> {
    await session.query(`select set_config('application_name', $1, false)`, [name]);
  },
};
