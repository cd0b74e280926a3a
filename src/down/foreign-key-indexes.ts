import { quoteIdentifier } from '../database/identifiers.js';
import type { ObjectName } from '../statements/statement.js';
import type { DownStatement, SchemaStep } from './down-statement.js';
import { goesWith, objectsOf, sameObject } from './schema-changes.js';
import type { Snapshot, SnapshotPart } from './snapshot.js';

/**
 * MySQL and MariaDB make an index for a foreign key that no index serves, and drop it when an index comes that does; dropping the foreign key
 * leaves it. Snapshots do not know of it, so it is dropped behind its foreign key, and made again before the index goes that had replaced it. Pure.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
 */
export function indexesOfForeignKeys(
  statements: readonly DownStatement[],
  { current, previous, changes }: SchemaStep,
): readonly DownStatement[] {
  const now = ownIndexes(current).filter(({ object }) => goesWith(object, changes) === null);
  const then = ownIndexes(previous);
  const left = now.filter(
    (key) =>
      isPart(key, changes.gone) && !columnsOf(key).every((column) => isAmong(column, changes.gone)),
  );
  // One that is dropped and made again brings its index along.
  const remade = (key: SnapshotPart): boolean =>
    statements.some(({ statement }) => names(objectsOf(statement), key.object));
  const back = then.filter(
    (key) => isPart(key, current.parts) && !isPart(key, now) && !remade(key),
  );
  return statements.map((each) => {
    const objects = objectsOf(each.statement);
    const behind = left.filter(({ object }) => names(objects, object)).map(dropIndex);
    const before = back
      .filter((key) =>
        changes.gone.some(
          (part) =>
            names(objects, part.object) && serves(part, key) && part.references === undefined,
        ),
      )
      .map(createIndex);
    return before.length + behind.length === 0
      ? each
      : { ...each, sql: [...before, ...each.sql, ...behind] };
  });
}

/** Foreign keys that have an index of their own making: none of the schema serves them, and no other foreign key shares it. */
function ownIndexes({ parts }: Snapshot): readonly SnapshotPart[] {
  return parts.filter(
    (part) =>
      part.references !== undefined &&
      !parts.some((other) => other !== part && serves(other, part)),
  );
}

/** Whether the columns of one begin with those of a foreign key of the same table. */
function serves(other: SnapshotPart, { object, references }: SnapshotPart): boolean {
  const columns = other.references?.columns ?? other.key ?? [];
  return (
    other.object.table?.name === object.table?.name &&
    references !== undefined &&
    references.columns.length > 0 &&
    references.columns.every((column, index) => columns[index] === column)
  );
}

function columnsOf({ object, references }: SnapshotPart): readonly ObjectName[] {
  const { table } = object;
  return (references?.columns ?? []).map((name) => ({
    ...{ kind: 'column', schema: null, name },
    ...(table !== undefined && { table }),
  }));
}

function isPart({ object }: SnapshotPart, parts: readonly SnapshotPart[]): boolean {
  return isAmong(object, parts);
}

function isAmong(object: ObjectName, parts: readonly SnapshotPart[]): boolean {
  return parts.some((part) => sameObject(part.object, object));
}

function names(objects: readonly ObjectName[], object: ObjectName): boolean {
  return objects.some((each) => sameObject(each, object));
}

function dropIndex({ object }: SnapshotPart): string {
  return `DROP INDEX ${quoted(object.name)} ON ${quoted(object.table?.name ?? '')}`;
}

function createIndex({ object, references }: SnapshotPart): string {
  const columns = (references?.columns ?? []).map(quoted).join(', ');
  return `CREATE INDEX ${quoted(object.name)} ON ${quoted(object.table?.name ?? '')} (${columns})`;
}

function quoted(name: string): string {
  return quoteIdentifier('mysql', name);
}
