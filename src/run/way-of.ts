import type { MigrationAction } from '../plan/plan.js';

/** What events of the way back have, and no others. */
export function wayOf({ kind }: MigrationAction): { readonly reverted?: true } {
  return kind === 'revert' ? { reverted: true } : {};
}
