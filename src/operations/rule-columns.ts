import type { Rule } from './operation.js';

/** Columns that a rule is about, by name; a CHECK does not say. */
export function columnsOfRule(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case 'not-null':
    case 'max-length':
      return [rule.column];
    case 'unique':
    case 'foreign-key':
      return rule.columns;
    case 'check':
      return [];
  }
}
