import type { ObjectName } from '../statements/statement.js';
import { sameObject, tableOf, type SchemaChanges } from './schema-changes.js';
import type { Snapshot, SnapshotPart } from './snapshot.js';
import { describe, shown } from './wording.js';

/** Kinds of which Drizzle Kit 0.31 asks whether one is another under a new name: in the whole schema, or in one table. */
const ASKED_OF_SCHEMA = ['schema', 'table', 'view', 'type', 'sequence', 'role'] as const;
const ASKED_OF_TABLE = ['column', 'policy'] as const;

/**
 * What Drizzle Kit would ask at a terminal on the way from one snapshot to the other, each as a sentence. It asks wherever something of a
 * kind goes and something of that kind comes back, and goes on when somebody has answered: so it is never called in such a case. Pure.
 *
 * @see drizzle-kit 0.31.11 `promptColumnsConflicts`, `promptNamedConflict`, `promptNamedWithSchemasConflict`, `promptSchemasConflict`
 */
export function renameQuestions(
  { gone, back }: SchemaChanges,
  previous: Snapshot,
): readonly string[] {
  const stays = (table: ObjectName): boolean =>
    previous.parts.some(({ object }) => sameObject(object, table)) &&
    !back.some(({ object }) => sameObject(object, table));
  // Policies on tables that are not in the schema are asked about together.
  const outside = (parts: readonly SnapshotPart[]): readonly SnapshotPart[] =>
    of('policy', parts).filter(({ object }) => {
      const table = tableOf(object);
      return (
        table === null ||
        ![...previous.parts, ...gone].some((part) => sameObject(part.object, table))
      );
    });
  const ofSchema = ASKED_OF_SCHEMA.map((kind) =>
    question(kind, 'the schema', of(kind, gone), of(kind, back)),
  );
  const tables = new Map(
    [...gone, ...back].flatMap(({ object }) => {
      const table = tableOf(object);
      return object.kind === 'table' || table === null || !stays(table)
        ? []
        : [[describe(table), table] as const];
    }),
  );
  const ofTables = [...tables].flatMap(([words, table]) =>
    ASKED_OF_TABLE.map((kind) =>
      question(kind, words, inTable(of(kind, gone), table), inTable(of(kind, back), table)),
    ),
  );
  const ofPolicies = question('policy', 'the schema', outside(gone), outside(back));
  return [...ofSchema, ofPolicies, ...ofTables].filter((each) => each !== null);
}

function question(
  kind: ObjectName['kind'],
  where: string,
  gone: readonly SnapshotPart[],
  back: readonly SnapshotPart[],
): string | null {
  if (gone.length === 0 || back.length === 0) return null;
  return `${where} would lose ${words(kind, gone)} and get back ${words(kind, back)}: whether one is the other under another name, only you know`;
}

function of(kind: ObjectName['kind'], parts: readonly SnapshotPart[]): readonly SnapshotPart[] {
  return parts.filter(({ object }) => object.kind === kind);
}

function inTable(parts: readonly SnapshotPart[], table: ObjectName): readonly SnapshotPart[] {
  return parts.filter(({ object }) => {
    const own = tableOf(object);
    return own !== null && sameObject(own, table);
  });
}

function words(kind: ObjectName['kind'], parts: readonly SnapshotPart[]): string {
  return `${kind} ${parts.map(({ object }) => shown(object.name)).join(', ')}`;
}
