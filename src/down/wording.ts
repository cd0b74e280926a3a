import type { ObjectName } from '../statements/statement.js';

/** A name as it may stand in a message and in a comment of one line. */
export function shown(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');
}

/** An object with its kind, and its table where it has one: `column orders.note`. */
export function describe({ kind, schema, name, table }: ObjectName): string {
  const parts = table === undefined ? [schema, name] : [table.schema, table.name, name];
  return `${kind} ${parts
    .filter((part) => part !== null && part !== 'public')
    .map((part) => shown(part ?? ''))
    .join('.')}`;
}
