import { StatementError, type Session } from '../database/database.js';
import { tableSizes, type SizedTable } from '../database/table-sizes.js';
import type { ParsedMigration } from '../journal/journal.js';
import type { Operation } from '../operations/operation.js';
import { atStake } from '../plan/at-stake.js';
import { bracket } from './read-facts.js';

/**
 * How large the tables are whose rows pending contracts take away, by tag.
 *
 * @param inTransaction whether the session is in a transaction of the caller's
 */
export async function observeAtStake(
  session: Session,
  inTransaction: boolean,
  operations: ReadonlyMap<string, Operation>,
  pending: readonly ParsedMigration[],
): Promise<ReadonlyMap<string, readonly SizedTable[]>> {
  const read = bracket(session, inTransaction);
  const sizes = new Map<string, readonly SizedTable[]>();
  for (const parsed of pending) {
    if (parsed.impact !== 'contract') continue;
    const wanted = atStake(parsed, operations);
    if (wanted.length === 0) continue;
    try {
      sizes.set(parsed.migration.tag, await read(() => tableSizes(session, wanted)));
    } catch (error) {
      if (!(error instanceof StatementError) || error.kind !== 'lock-timeout') throw error;
      const unknown = wanted.map(({ schema, name }) => ({
        schema: schema ?? '',
        name,
        bytes: null,
      }));
      sizes.set(parsed.migration.tag, unknown);
    }
  }
  return sizes;
}
