import { StatementError, type Session, type StatementErrorKind } from '../database/database.js';
import { qualify } from '../database/identifiers.js';
import { withTransaction } from '../database/with-transaction.js';
import type { TableName } from '../operations/operation.js';
import { readTableFacts } from '../operations/recipe-of.js';
import type { TableFacts } from '../operations/table-facts.js';

/** How long looking waits for somebody who is changing the table, in the words of either server. */
const LOCK_WAIT = {
  postgresql: "set local lock_timeout = '1s'",
  mysql: 'set session lock_wait_timeout = 1',
} as const;

/**
 * Reads tables for a plan. What a plan is about may be locked by what it is made beside: another tool's ALTER, a REINDEX of the catalogue.
 *
 * @param inTransaction whether the session is in a transaction of the caller's: on Postgres a refused read would end it
 * @returns a function that gives null for a table that somebody else has locked
 */
export function factsReader(
  session: Session,
  inTransaction: boolean,
): (table: TableName) => Promise<TableFacts | null> {
  const read = bracket(session, inTransaction);
  return async (table) => {
    try {
      return await read(() => readFacts(session, table));
    } catch (error) {
      if (error instanceof StatementError && error.kind === 'lock-timeout') return null;
      throw error;
    }
  };
}

/** What a look that meets it cannot be: who is refused, or finds nothing, is told so by the facts. */
const SAID_BY_FACTS: ReadonlySet<StatementErrorKind> = new Set([
  'missing-table',
  'missing-schema',
  'privilege',
  'other',
]);

/**
 * A table as it is at one moment. The catalogue of MariaDB shows a table that is locked with half of what it has, and no error (measured on
 * 10.11): reading from the table itself fails then, and within a transaction keeps it as it is.
 *
 * @throws {StatementError} `lock-timeout` while another session changes the table
 */
export async function readFacts(session: Session, table: TableName): Promise<TableFacts> {
  const { dialect, database } = session.server;
  if (dialect === 'mysql') {
    const name = qualify(dialect, table.schema ?? database, table.name);
    try {
      await session.query(`select 1 from ${name} limit 0`);
    } catch (error) {
      if (!(error instanceof StatementError) || !SAID_BY_FACTS.has(error.kind)) throw error;
    }
  }
  return readTableFacts(session, table);
}

type Bracket = <T>(body: () => Promise<T>) => Promise<T>;

/** Bounds how long a read of the catalogue waits for who is changing a table; a read that is refused leaves the transaction of the caller alive. */
export function bracket(session: Session, inTransaction: boolean): Bracket {
  const { dialect } = session.server;
  if (dialect === 'mysql') {
    return async (body) => {
      await session.query(LOCK_WAIT.mysql);
      return body();
    };
  }
  if (inTransaction) return (body) => behindSavepoint(session, body);
  return (body) =>
    withTransaction(session, { readOnly: true }, async () => {
      await session.query(LOCK_WAIT.postgresql);
      return body();
    });
}

/** Taken back also when all is well: the time limit is not the caller's. */
async function behindSavepoint<T>(session: Session, body: () => Promise<T>): Promise<T> {
  const takeBack = 'rollback to savepoint mg_facts';
  await session.query('savepoint mg_facts');
  let result: T;
  try {
    await session.query(LOCK_WAIT.postgresql);
    result = await body();
  } catch (error) {
    // The first error is the one to report.
    if (!session.lost.aborted) await session.query(takeBack).catch(() => undefined);
    throw error;
  }
  await session.query(takeBack);
  return result;
}
