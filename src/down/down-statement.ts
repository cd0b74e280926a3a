import { qualify, quoteIdentifier } from '../database/identifiers.js';
import { readStatements } from '../statements/read-statements.js';
import type { ClassifiedStatement, Dialect, ObjectName } from '../statements/statement.js';
import { indexesOfForeignKeys } from './foreign-key-indexes.js';
import { goesWith, objectsOf, sameObject, tableOf, type SchemaChanges } from './schema-changes.js';
import type { Snapshot, SnapshotPart } from './snapshot.js';

/** One step of the way back. */
export interface DownStatement {
  /** What Drizzle Kit generated. */
  readonly statement: ClassifiedStatement;
  /** What is run for it, in order, without a `;` at the end. */
  readonly sql: readonly string[];
}

/** What Drizzle Kit's statements are put in order by. */
export interface SchemaStep {
  readonly current: Snapshot;
  readonly previous: Snapshot;
  readonly changes: SchemaChanges;
  readonly dialect: Dialect;
}

/**
 * Drizzle Kit's statements in an order that runs. Pure.
 *
 * 1. Foreign keys go first: Drizzle Kit 0.31 drops the table or the index that they need before them.
 * 2. Tables go before those that they reference; where they reference each other, their foreign keys go before.
 * 3. `DROP TABLE` has no CASCADE, which would take along what no file names.
 * 4. What a table takes along is not dropped by itself.
 * 5. MySQL and MariaDB: the index that the server makes for a foreign key goes and comes with it.
 */
export function downStatements(
  generated: readonly string[],
  step: SchemaStep,
): readonly DownStatement[] {
  const statements = generated
    .flatMap((sql) => readStatements(sql, step.dialect).statements)
    .filter((statement) => !goesAlong(statement, step) && !dropsOwnIndex(statement, step));
  const first = statements.filter((statement) => dropsForeignKey(statement, step.current));
  const rest = statements.filter((statement) => !first.includes(statement));
  const tables = dropsOfTables(rest, first, step);
  let next = 0;
  const ordered = [
    ...first.map(alone),
    ...rest.map((statement) =>
      isTableDrop(statement) ? (tables[next++] ?? alone(statement)) : alone(statement),
    ),
  ];
  return step.dialect === 'mysql' ? indexesOfForeignKeys(ordered, step) : ordered;
}

function alone(statement: ClassifiedStatement): DownStatement {
  return { statement, sql: [statement.sql] };
}

function isTableDrop({ head }: ClassifiedStatement): boolean {
  return head === 'DROP TABLE';
}

/** Whether a statement is about a part of a table that is dropped as a whole. */
function goesAlong(statement: ClassifiedStatement, { changes, current }: SchemaStep): boolean {
  const objects = objectsOf(statement);
  return (
    !isTableDrop(statement) &&
    objects.length > 0 &&
    objects.every((object) => goesWith(object, changes) !== null) &&
    !dropsForeignKey(statement, current)
  );
}

/** Whether a statement drops the index of a foreign key that the server may have made: Drizzle Kit 1.x guesses, also where there is none. */
function dropsOwnIndex({ is }: ClassifiedStatement, { current, dialect }: SchemaStep): boolean {
  const named = (object: ObjectName): readonly SnapshotPart[] =>
    current.parts.filter((part) => sameObject(part.object, object));
  return (
    dialect === 'mysql' &&
    is.effects.length > 0 &&
    is.effects.every(
      ({ effect, object }) =>
        effect === 'relaxes' &&
        object.kind === 'index' &&
        named(object).length > 0 &&
        named(object).every(({ references }) => references !== undefined),
    )
  );
}

function dropsForeignKey({ is }: ClassifiedStatement, { parts }: Snapshot): boolean {
  return is.effects.some(
    ({ effect, object }) =>
      (effect === 'relaxes' || effect === 'removes') &&
      object.kind === 'constraint' &&
      parts.some((part) => part.references !== undefined && sameObject(part.object, object)),
  );
}

/** The tables' drops, those that are referenced behind those that reference them. */
function dropsOfTables(
  statements: readonly ClassifiedStatement[],
  before: readonly ClassifiedStatement[],
  { current, dialect }: SchemaStep,
): readonly DownStatement[] {
  const drops = statements.filter(isTableDrop).map((statement) => ({
    statement,
    table: objectsOf(statement)[0],
  }));
  const keys = current.parts.filter(
    (part) =>
      part.references !== undefined &&
      !before.some((each) => objectsOf(each).some((object) => sameObject(object, part.object))),
  );
  const ordered: DownStatement[] = [];
  const left = [...drops];
  while (left.length > 0) {
    const into = (table: ObjectName | undefined): readonly SnapshotPart[] =>
      keys.filter((key) => isBetween(key, left, table));
    const free = left.findIndex(({ table }) => into(table).length === 0);
    const [drop] = left.splice(Math.max(free, 0), 1);
    if (drop === undefined) break;
    const inTheWay = free === -1 ? keys.filter((key) => isBetween(key, left, drop.table)) : [];
    ordered.push({
      statement: drop.statement,
      sql: [
        ...inTheWay.map((key) => dropForeignKey(key, dialect)),
        drop.statement.sql.replace(/\s+CASCADE$/i, ''),
      ],
    });
    for (const key of inTheWay) keys.splice(keys.indexOf(key), 1);
  }
  return ordered;
}

/** Whether a foreign key leads from one of these tables to another one. */
function isBetween(
  { object, references }: SnapshotPart,
  from: readonly { readonly table: ObjectName | undefined }[],
  to: ObjectName | undefined,
): boolean {
  const owner = tableOf(object);
  if (references === undefined || owner === null || to === undefined) return false;
  return (
    sameObject({ kind: 'table', ...references.to }, to) &&
    !sameObject(owner, to) &&
    from.some(({ table }) => table !== undefined && sameObject(table, owner))
  );
}

function dropForeignKey({ object }: SnapshotPart, dialect: Dialect): string {
  const { schema, name } = object.table ?? object;
  const what = dialect === 'mysql' ? 'FOREIGN KEY' : 'CONSTRAINT';
  return `ALTER TABLE ${qualify(dialect, schema, name)} DROP ${what} ${quoteIdentifier(dialect, object.name)}`;
}
