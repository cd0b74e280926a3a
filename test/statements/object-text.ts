import type { ObjectName } from '../../src/statements/statement.js';

/** An object as one word: `column schema.table.name`. */
export function objectText({ kind, schema, name, table }: ObjectName): string {
  return `${kind} ${[schema, table?.name, name].filter((part) => part !== null && part !== undefined).join('.')}`;
}
