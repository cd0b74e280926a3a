import type { Rule } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { qualified, quoted } from './sql.js';

/** SQL over a row's columns, unqualified, that is true for a row that violates the rule, and never NULL. */
export function violation(rule: Rule, facts: TableFacts): string {
  switch (rule.kind) {
    case 'not-null':
      return `${quoted(rule.column)} is null`;
    case 'max-length':
      return `coalesce(char_length(${quoted(rule.column)}) > ${rule.length}, false)`;
    case 'check':
      return `(${rule.expression}) is false`;
    case 'foreign-key': {
      const { columns, references } = rule;
      // The other table's columns under names of ours, so that the row's own are meant by theirs.
      const others = references.columns.map((column, at) => `${quoted(column)} as mg_${at + 1}`);
      const equal = columns.map((column, at) => `mg_${at + 1} = ${quoted(column)}`);
      const present = columns.map((column) => `${quoted(column)} is not null`);
      const table = qualified({
        schema: references.table.schema ?? facts.table.schema,
        name: references.table.name,
      });
      return `(${present.join(' and ')} and not exists (select from (select ${others.join(', ')} from ${table}) as mg_other where ${equal.join(' and ')}))`;
    }
    case 'unique':
      return 'false';
  }
}
