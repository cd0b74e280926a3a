import type { Attempt } from '../ledger/ledger.js';

/** Whether an attempt completed a position, or left one in doubt: what did neither changed nothing. */
export function gotSomewhere({
  statementCursor,
  inFlight,
}: Pick<Attempt, 'statementCursor' | 'inFlight'>): boolean {
  return statementCursor > 0 || inFlight !== null;
}
