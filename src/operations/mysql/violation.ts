import type { Rule } from '../operation.js';
import type { TableFacts } from '../table-facts.js';
import { quote, tableSql } from './sql.js';

/** SQL over a row's columns, unqualified, that is true for a row that violates the rule, and never NULL. */
export function violation(rule: Rule, facts: TableFacts): string {
  switch (rule.kind) {
    case 'not-null':
      return `${quote(rule.column)} is null`;
    case 'max-length':
      return `coalesce(char_length(${quote(rule.column)}) > ${rule.length}, false)`;
    case 'check':
      return `((${rule.expression}) is false)`;
    case 'foreign-key':
      return orphan(rule, facts);
    // No row by itself is a duplicate.
    case 'unique':
      return 'false';
  }
}

/** Values that more than one row has. */
export function duplicateGroups(columns: readonly string[], facts: TableFacts): string {
  const list = columns.map(quote).join(', ');
  return `select ${list} from ${tableSql(facts.table)} where ${present(columns)} group by ${list} having count(*) > 1`;
}

/** A row with NULL in one of the columns is no orphan. NOT IN, so that the row's own columns are outside of the subquery and need no name. */
function orphan(
  { columns, references }: Extract<Rule, { kind: 'foreign-key' }>,
  facts: TableFacts,
): string {
  const table = {
    schema: references.table.schema ?? facts.table.schema,
    name: references.table.name,
  };
  const keys = references.columns.map(quote).join(', ');
  const known = `select distinct ${keys} from ${tableSql(table)} where ${present(references.columns)}`;
  const isOwn = table.name === facts.table.name && table.schema === facts.table.schema;
  const parents = isOwn
    ? `select ${keys} from (${known}) as mg_parents`
    : known.replace('distinct ', '');
  return `(${present(columns)} and (${columns.map(quote).join(', ')}) not in (${parents}))`;
}

function present(columns: readonly string[]): string {
  return columns.map((column) => `${quote(column)} is not null`).join(' and ');
}
