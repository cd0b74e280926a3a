import { objectKey } from '../statements/impact.js';
import type { ClassifiedStatement, ObjectName } from '../statements/statement.js';
import type { Snapshot, SnapshotPart } from './snapshot.js';

/** What the way from a snapshot back to the one before it comes to. */
export interface SchemaChanges {
  /** What goes: the migration made it. */
  readonly gone: readonly SnapshotPart[];
  /** What is made again: the migration took it away. */
  readonly back: readonly SnapshotPart[];
  /** What has another definition, as it was before. */
  readonly changed: readonly SnapshotPart[];
}

/** Compares two snapshots part by part. Pure. */
export function schemaChanges(current: Snapshot, previous: Snapshot): SchemaChanges {
  const now = byKey(current);
  const then = byKey(previous);
  return {
    gone: [...now].filter(([key]) => !then.has(key)).map(([, part]) => part),
    back: [...then].filter(([key]) => !now.has(key)).map(([, part]) => part),
    changed: [...then]
      .filter(([key, { definition }]) => (now.get(key)?.definition ?? definition) !== definition)
      .map(([, part]) => part),
  };
}

function byKey({ parts }: Snapshot): ReadonlyMap<string, SnapshotPart> {
  return new Map(parts.map((part) => [objectKey(part.object), part]));
}

/**
 * Whether two names mean the same object. A statement may leave out the schema, and Postgres drops an index without naming its table;
 * a unique constraint is an index or a constraint, as one likes.
 */
export function sameObject(one: ObjectName, other: ObjectName): boolean {
  return (
    kindOf(one) === kindOf(other) &&
    one.name === other.name &&
    sameTable(one.table ?? null, other.table ?? null) &&
    sameSchema(schemaOf(one), schemaOf(other))
  );
}

/** The objects that a statement is about. */
export function objectsOf({ is }: Pick<ClassifiedStatement, 'is'>): readonly ObjectName[] {
  return is.effects.length > 0 ? is.effects.map(({ object }) => object) : is.touches;
}

/** The table that an object is, or belongs to; null = neither. */
export function tableOf({ kind, schema, name, table }: ObjectName): ObjectName | null {
  if (kind === 'table') return { kind, schema, name };
  return table === undefined ? null : { kind: 'table', ...table };
}

/** The table that goes and takes an object with it, or null. */
export function goesWith(object: ObjectName, { gone }: SchemaChanges): ObjectName | null {
  const table = tableOf(object);
  if (table === null) return null;
  const found = gone.find((part) => part.object.kind === 'table' && sameObject(part.object, table));
  return found?.object ?? null;
}

function kindOf({ kind }: ObjectName): ObjectName['kind'] {
  if (kind === 'materialized view') return 'view';
  return kind === 'index' ? 'constraint' : kind;
}

function schemaOf({ schema, table }: ObjectName): string | null {
  return table === undefined ? schema : table.schema;
}

function sameTable(one: ObjectName['table'] | null, other: ObjectName['table'] | null): boolean {
  return one == null || other == null || one.name === other.name;
}

/** No schema is the first of the search path, which Drizzle Kit writes as `public` or not at all. */
function sameSchema(one: string | null, other: string | null): boolean {
  return (one ?? 'public') === (other ?? 'public');
}
