import type { Session } from '../database.js';

/** One connection as the server lists it. */
export interface Process {
  readonly id: string;
  readonly user: string | null;
  /** Client host and port. */
  readonly host: string | null;
  readonly database: string | null;
  readonly command: string | null;
  readonly state: string | null;
}

interface Row {
  readonly Id: number | string | bigint;
  readonly User: string | null;
  readonly Host: string | null;
  readonly db: string | null;
  readonly Command: string | null;
  readonly State: string | null;
}

/**
 * The connections that this login may see: all with PROCESS, else those of its own account.
 *
 * By SHOW, not from information_schema: MySQL fills that table with every session's statement as utf8mb3, and refuses the whole query (3988,
 * measured on 9.7) while anybody runs one with a character of four bytes. The performance schema has it as utf8mb4, and may be off.
 */
export async function readProcesses(session: Session): Promise<readonly Process[]> {
  const rows = await session.query<Row & Record<string, unknown>>('show processlist');
  return rows.map((row) => ({
    id: String(row.Id),
    user: row.User,
    host: row.Host,
    database: row.db,
    command: row.Command,
    state: row.State,
  }));
}
