import type { Session } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import type { LedgerLocation } from '../ledger/ledger.js';
import { readOperations } from '../ledger/operation-store.js';
import type { OperationState } from '../operations/operation.js';

/**
 * States of the operations on record, by name. Null where this login may not read them: a role that was let in before there were operations serves as well
 * as it did.
 */
export async function operationStates(
  session: Session,
  location: LedgerLocation,
): Promise<ReadonlyMap<string, OperationState> | null> {
  try {
    const records = await readOperations(session, location);
    return statesOf(records.map(({ name, state }) => [name, state] as const));
  } catch (error) {
    if (isMigratorError(error) && error.code === 'MISSING_PRIVILEGE') return null;
    throw error;
  }
}

/** The words are the table's own: only we write them. */
export function statesOf(
  records: readonly (readonly [string, string])[],
): ReadonlyMap<string, OperationState> {
  return new Map(records.map(([name, state]) => [name, state as OperationState]));
}
