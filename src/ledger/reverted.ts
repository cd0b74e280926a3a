import type { Attempt } from './ledger.js';

/** An operator's word, after it, that whatever an attempt did is undone by hand. */
export function isUndoneByHand(attempt: Attempt, attempts: readonly Attempt[]): boolean {
  return attempts.some(
    ({ kind, tag, resolution, inFlight, id }) =>
      kind === 'repair' &&
      resolution === 'rolled-back' &&
      inFlight === null &&
      tag === attempt.tag &&
      BigInt(id) > BigInt(attempt.id),
  );
}

/**
 * Attempts as they count now. A way back that is through takes everything with it that is on record of its migration before; one that changed nothing, or
 * whose effects are undone by hand, is as if it had never begun. Pure.
 */
export function withoutReverted(attempts: readonly Attempt[]): readonly Attempt[] {
  const reverted = new Map(
    attempts
      .filter(({ kind, state }) => kind === 'down' && state === 'done')
      .map(({ tag, id }) => [tag, BigInt(id)]),
  );
  return attempts.filter((attempt) => {
    if (attempt.kind === 'down') return isOpen(attempt) && !isUndoneByHand(attempt, attempts);
    const id = reverted.get(attempt.tag);
    return id === undefined || BigInt(attempt.id) > id;
  });
}

function isOpen({ state, statementCursor, inFlight }: Attempt): boolean {
  return state === 'running' || (state !== 'done' && (statementCursor > 0 || inFlight !== null));
}
