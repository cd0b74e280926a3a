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
    await rollback(session);
    throw error;
  }
  await session.query('COMMIT');
  return result;
}

/**
 * Takes an open transaction back, behind an error that the caller goes on to report: it never rejects. One that cannot be taken back is
 * that of a session which is gone, and its transaction with it.
 */
export async function rollback(session: Session): Promise<void> {
  if (session.lost.aborted) return;
  await session.query('ROLLBACK').catch(() => undefined);
}

function beginStatement(session: Session, { readOnly = false }: TransactionOptions): string {
  if (session.server.dialect === 'postgresql') return readOnly ? 'BEGIN READ ONLY' : 'BEGIN';
  return readOnly ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION';
}
