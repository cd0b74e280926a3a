import { StatementError, type Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';
import { MigratorError } from '../../errors.js';
import type { TableName } from '../../operations/operation.js';
import type { OlderWriters } from '../dialect.js';

/**
 * On MySQL a transaction that has written a table holds its metadata lock to its end, and nothing that every login may read lists the holders.
 * LOCK TABLES ... READ waits for exactly those, for a second (`lock_wait_timeout` of a runner) at a time, and is given back at once.
 *
 * An UPDATE in READ COMMITTED passes over rows that are inserted and not committed, so they must be there before the bound is taken.
 */
export function olderWriters({ schema, name }: TableName): OlderWriters {
  const table = qualify('mysql', schema, name);
  return {
    left: async (session: Session) => {
      try {
        await session.query(`lock tables ${table} read`);
        await session.query('unlock tables');
        return [];
      } catch (error) {
        if (!(error instanceof StatementError)) throw error;
        if (error.kind === 'privilege') throw mayNotLock(session, error);
        if (error.kind !== 'lock-timeout') throw error;
        return [{ pid: '', application: null }];
      }
    },
  };
}

function mayNotLock({ server }: Session, cause: StatementError): MigratorError {
  const grant = `grant lock tables on ${server.database}.* to ${server.user}`;
  return new MigratorError('MISSING_PRIVILEGE', {
    message: `The account ${server.user} may not wait for transactions that have written the table: a backfill without a condition needs LOCK TABLES.`,
    remedy: `As an administrator: ${grant}; or give the operation a condition (where).`,
    state: 'No row was changed.',
    details: { grants: [grant] },
    cause,
  });
}
