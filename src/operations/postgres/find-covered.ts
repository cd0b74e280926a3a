import type { CoveredStatement } from '../operation-action.js';
import { readAlteration, type Alteration } from '../read-alteration.js';

/** A covered statement and what it says. */
export interface Found<Kind extends Alteration['kind']> {
  readonly sql: string;
  readonly alteration: Extract<Alteration, { kind: Kind }>;
}

/** The covered statement of this kind; null = none. */
export function findCovered<Kind extends Alteration['kind']>(
  covered: readonly CoveredStatement[],
  kind: Kind,
): Found<Kind> | null {
  for (const { sql } of covered) {
    const alteration = readAlteration(sql, 'postgresql');
    if (isKind(alteration, kind)) return { sql, alteration };
  }
  return null;
}

function isKind<Kind extends Alteration['kind']>(
  alteration: Alteration,
  kind: Kind,
): alteration is Extract<Alteration, { kind: Kind }> {
  return alteration.kind === kind;
}
