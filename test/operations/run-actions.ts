import type { Session } from '../../src/database/database.js';
import { quoteIdentifier, qualify } from '../../src/database/identifiers.js';
import type { OperationAction, RowWork } from '../../src/operations/operation-action.js';
import type { TableName } from '../../src/operations/operation.js';
import type { TableFacts } from '../../src/operations/table-facts.js';

/** What {@link runActions} needs of its surroundings. */
export interface ActionWorld {
  readonly session: Session;
  readonly readFacts: () => Promise<TableFacts>;
}

/**
 * Carries out actions as the engine does, without ledger, ladder and lock: asks the catalogue, cleans up, runs, asks again.
 * @returns ids of those that were not done already
 */
export async function runActions(
  actions: readonly OperationAction[],
  { session, readFacts }: ActionWorld,
): Promise<string[]> {
  const done: string[] = [];
  if (actions.length === 0) return done;
  // Nobody else changes the table of a test: what stood behind one action stands before the next.
  let facts = await readFacts();
  for (const action of actions) {
    if (action.isDone(facts)) continue;
    for (const sql of action.cleanUp?.(facts) ?? []) await session.execute(sql);
    await runStatements(action, session);
    facts = await readFacts();
    if (!action.isDone(facts)) {
      throw new Error(`${action.id} was carried out, and the catalogue does not show it`);
    }
    done.push(action.id);
  }
  return done;
}

async function runStatements(action: OperationAction, session: Session): Promise<void> {
  const inTransaction = action.mode === 'transaction';
  try {
    if (inTransaction) await session.execute('BEGIN');
    for (const sql of action.statements) await session.execute(sql);
    if (inTransaction) await session.execute('COMMIT');
  } catch (error) {
    if (inTransaction) await session.execute('ROLLBACK');
    throw error;
  } finally {
    for (const sql of action.restore ?? []) await session.execute(sql);
  }
}

/** All rows at once. */
export async function runRows(session: Session, table: TableName, work: RowWork): Promise<void> {
  const { dialect } = session.server;
  const name = (column: string): string => quoteIdentifier(dialect, column);
  const set = [
    ...Object.entries(work.set).map(([column, value]) => `${name(column)} = ${value}`),
    ...work.keep.map((column) => `${name(column)} = ${name(column)}`),
  ];
  await session.execute(
    `UPDATE ${qualify(dialect, table.schema, table.name)} SET ${set.join(', ')} WHERE ${work.pending ?? 'true'}`,
  );
}

/** How many rows are still to be done. */
export async function countPending(
  session: Session,
  table: TableName,
  work: RowWork,
): Promise<number> {
  const [row] = await session.query<{ pending: string | number }>(
    `SELECT count(*) AS pending FROM ${qualify(session.server.dialect, table.schema, table.name)} WHERE ${work.pending ?? 'true'}`,
  );
  return Number(row?.pending);
}
