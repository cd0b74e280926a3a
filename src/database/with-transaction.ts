import type { Session } from './database.js';

/** How {@link withTransaction} opens its transaction. */
export interface TransactionOptions {
  /** The server refuses writes. @default false */
  readonly readOnly?: boolean;
}

/**
 * A transaction as a bracket: committed when `body` resolves, rolled back when it rejects. The first error wins.
 * Nested calls on one session are a mistake of the caller: neither dialect has nested transactions.
 */
export async function withTransaction<T>(
  session: Session,
  options: TransactionOptions,
  body: () => Promise<T>,
): Promise<T> {
  await session.query(beginStatement(session, options));
  let result: T;
  try {
    result = await body();
  } catch (error) {
    // A lost session has rolled back already; the first error is the one to report.
    if (!session.lost.aborted) await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
  await session.query('COMMIT');
  return result;
}

function beginStatement(session: Session, { readOnly = false }: TransactionOptions): string {
  if (session.server.dialect === 'postgresql') return readOnly ? 'BEGIN READ ONLY' : 'BEGIN';
  return readOnly ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION';
}
