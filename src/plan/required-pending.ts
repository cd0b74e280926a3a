import type { DatabaseObservation } from './plan.js';

/** What this build requires and this database lacks: what is pending but for contracts, and what is reverted in part. Pure. */
export function requiredPending({
  pending,
  ledger,
  match,
}: DatabaseObservation): readonly string[] {
  const known = new Set(match.entries.map(({ tag }) => tag));
  return [
    ...pending.filter(({ impact }) => impact !== 'contract').map(({ migration }) => migration.tag),
    ...ledger.attempts
      .filter(({ kind, tag }) => kind === 'down' && known.has(tag))
      .map(({ tag }) => tag),
  ];
}
