import type { Attempt } from './ledger.js';

/**
 * Attempts as they count now. A way back that is through takes everything with it that is on record of its migration before; one that changed nothing is
 * as if it had never begun. Pure.
 */
export function withoutReverted(attempts: readonly Attempt[]): readonly Attempt[] {
  const reverted = new Map(
    attempts
      .filter(({ kind, state }) => kind === 'down' && state === 'done')
      .map(({ tag, id }) => [tag, BigInt(id)]),
  );
  return attempts.filter((attempt) => {
    if (attempt.kind === 'down') return attempt.state !== 'done' && mayHaveChanged(attempt);
    const id = reverted.get(attempt.tag);
    return id === undefined || BigInt(attempt.id) > id;
  });
}

function mayHaveChanged({ state, statementCursor, inFlight }: Attempt): boolean {
  return state === 'running' || statementCursor > 0 || inFlight !== null;
}
