import type { ObjectName } from '../statements/statement.js';

/** An object by its name, with its schema where one is written. Control characters in names reach no terminal. */
export function nameOf(object: Pick<ObjectName, 'schema' | 'name'>): string {
  const name = object.schema === null ? object.name : `${object.schema}.${object.name}`;
  return printable(name);
}

/** An object with its kind, and its table where it has one: `column users.name`. */
export function describe(object: ObjectName): string {
  if (object.table === undefined) return `${object.kind} ${nameOf(object)}`;
  return `${object.kind} ${nameOf(object.table)}.${printable(object.name)}`;
}

/** A name that stands in a message. */
export function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, '?');
}
