import type { Session } from '../../src/database/database.js';
import { createDatabase } from '../../src/database/create-database.js';
import type { TestDatabase } from '../servers/index.js';

/** What somebody else holds of a table, so that its definition cannot be read. */
export interface LockedDefinition {
  /** Of the sessions in the way, as text: each, or one of them, is named. */
  readonly pids: readonly string[];
  release(): Promise<void>;
}

/** Holds what reading the definition of `table` needs. */
export async function lockDefinition(
  dialect: 'postgresql' | 'mysql',
  database: TestDatabase,
  table: string,
): Promise<LockedDefinition> {
  const open = (): Promise<Session> =>
    createDatabase({ dialect, url: database.url }).connect({ role: 'runner' });
  const holder = await open();
  if (dialect === 'postgresql') {
    await holder.execute('BEGIN; LOCK TABLE pg_catalog.pg_trigger IN ACCESS EXCLUSIVE MODE');
    return { pids: [holder.backendId], release: () => holder.close() };
  }
  // A RENAME that waits for its second table has its first one for itself.
  await database.query('CREATE TABLE zz_read (id int)');
  await holder.query('START TRANSACTION');
  await holder.query('SELECT * FROM zz_read');
  const renamer = await open();
  await renamer.query('SET SESSION lock_wait_timeout = 60');
  const renaming = renamer
    .execute(`RENAME TABLE ${table} TO ${table}_moved, zz_read TO zz_moved`)
    .catch(() => null);
  for (;;) {
    const waiting = await database.query(
      `SELECT 1 FROM information_schema.processlist WHERE id = ${renamer.backendId} AND state LIKE 'Waiting for table metadata lock'`,
    );
    if (waiting.length > 0) break;
  }
  return {
    pids: [holder.backendId, renamer.backendId],
    release: async () => {
      // First the one that waits: else it would go on. Only the query: the end of a connection
      // is seen here before the server has given the RENAME up.
      await database.query(`KILL QUERY ${renamer.backendId}`);
      await renaming;
      await renamer.close();
      await holder.close();
    },
  };
}
