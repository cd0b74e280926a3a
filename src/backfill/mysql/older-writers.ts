import { StatementError, type Session } from '../../database/database.js';
import type { OlderWriters } from '../dialect.js';

/**
 * On MySQL a transaction that has written a table holds its metadata lock to its end, and nothing that every login may read lists the holders.
 * LOCK TABLES ... READ waits for exactly those, for a second (`lock_wait_timeout` of a runner) at a time, and is given back at once.
 *
 * An UPDATE in READ COMMITTED passes over rows that are inserted and not committed, so they must be there before the bound is taken.
 */
export function olderWriters(table: string): OlderWriters {
  return {
    left: async (session: Session) => {
      try {
        await session.query(`lock tables ${table} read`);
        await session.query('unlock tables');
        return [];
      } catch (error) {
        if (!(error instanceof StatementError) || error.kind !== 'lock-timeout') throw error;
        return [{ pid: '', application: null }];
      }
    },
  };
}
