import type { Tier } from './finding.js';
import type { Rule } from './rule.js';
import { COLUMN_RULES } from './rules/columns.js';
import { COMPATIBILITY_RULES } from './rules/compatibility.js';
import { CONSTRAINT_RULES } from './rules/constraints.js';
import { INDEX_RULES } from './rules/indexes.js';
import { LOCK_RULES } from './rules/locks.js';
import { ROW_RULES } from './rules/rows.js';

/** All rules; those about whole migrations see what the others found. */
export const RULES: readonly Rule[] = [
  ...COLUMN_RULES,
  ...CONSTRAINT_RULES,
  ...INDEX_RULES,
  ...COMPATIBILITY_RULES,
  ...LOCK_RULES,
  ...ROW_RULES,
];

/** What lint says of `@allow` lines themselves. */
export const ALLOW_RULES: readonly {
  readonly id: string;
  readonly tier: Tier;
  readonly about: string;
}[] = [
  { id: 'unused-allow', tier: 'warning', about: 'An @allow line that waives nothing' },
  { id: 'unknown-rule', tier: 'warning', about: 'An @allow line for a rule that does not exist' },
];
