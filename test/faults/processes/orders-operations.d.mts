import type { backfill, Operation, renameColumn, tightenNotNull } from '../../../src/index.js';

export function ordersOperations(library: {
  readonly backfill: typeof backfill;
  readonly renameColumn: typeof renameColumn;
  readonly tightenNotNull: typeof tightenNotNull;
}): readonly Operation[];
