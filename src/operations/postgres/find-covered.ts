import type { TableChange } from '../../statements/table-changes/table-change.js';
import type { CoveredStatement } from '../operation-action.js';
import { readChange } from '../read-change.js';

/** A covered statement and what it says. */
export interface Found<Kind extends TableChange['kind']> {
  readonly sql: string;
  readonly change: TableChange & { readonly kind: Kind };
}

/** The covered statement of this kind; null = none. */
export function findCovered<Kind extends TableChange['kind']>(
  covered: readonly CoveredStatement[],
  kind: Kind,
): Found<Kind> | null {
  for (const { sql } of covered) {
    const change = readChange(sql, 'postgresql');
    if (change !== null && isKind(change, kind)) return { sql, change };
  }
  return null;
}

function isKind<Kind extends TableChange['kind']>(
  change: TableChange,
  kind: Kind,
): change is TableChange & { readonly kind: Kind } {
  return change.kind === kind;
}
