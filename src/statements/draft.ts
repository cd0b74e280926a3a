import type { Classification, LockTaken, ObjectName, SchemaEffect } from './statement.js';

/** A {@link Classification} in the making, with what is true of a statement nobody knows. */
export type Draft = {
  -readonly [K in keyof Classification]: Classification[K] extends readonly (infer Item)[]
    ? Item[]
    : Classification[K];
};

/** What we say of SQL we do not know: it may run in a transaction, and we cannot tell what it does. */
export function unknownStatement(): Draft {
  return {
    control: null,
    transactional: true,
    category: 'other',
    touches: [],
    effects: [],
    locks: [],
    concurrent: null,
    enumValue: null,
    repeatable: false,
    temporary: false,
    refusal: null,
    onlineForm: null,
  };
}

/** Notes what happens to an object; a name that could not be read leaves no effect. */
export function effect(
  draft: Draft,
  kind: SchemaEffect['effect'],
  object: ObjectName | null,
  breaksOldWriters = false,
): void {
  if (object === null) return;
  draft.effects.push({ effect: kind, object, ...(breaksOldWriters && { breaksOldWriters }) });
}

/** Notes a lock; a name that could not be read leaves none. */
export function lock(
  draft: Draft,
  object: ObjectName | null,
  mode: string,
  work: LockTaken['work'],
): void {
  if (object !== null) draft.locks.push({ object, mode, work });
}

/** Notes an object whose definition shows whether the statement took effect. */
export function touch(draft: Draft, ...objects: readonly (ObjectName | null)[]): void {
  for (const object of objects) if (object !== null) draft.touches.push(object);
}

/** An object that belongs to a table: column, constraint, index, trigger, policy, rule. */
export function partOf(
  table: ObjectName,
  kind: ObjectName['kind'],
  name: string | null,
): ObjectName | null {
  if (name === null) return null;
  return {
    kind,
    schema: table.schema,
    name,
    table: { schema: table.schema, name: table.name },
  };
}

/** The table that a part belongs to, as an object. */
export function tableOf(object: ObjectName): ObjectName | null {
  return object.table === undefined ? null : { kind: 'table', ...object.table };
}
