import type { ClassifiedStatement, Impact, ObjectName, SchemaEffect } from './statement.js';

/** Objects that exist only since the pending migrations: no older build knows them. Keys by {@link objectKey}. */
export type CreatedObjects = ReadonlySet<string>;

/** What a migration does to older builds, and what is new after it. */
export interface ImpactResult {
  readonly impact: Impact;
  /** Pass it to the next migration of the same pending range. */
  readonly created: CreatedObjects;
}

/** Objects that hold no rows and may be replaced by a new one of the same name within a file. */
const REPLACEABLE: ReadonlySet<ObjectName['kind']> = new Set([
  'view',
  'materialized view',
  'index',
  'type',
  'function',
  'procedure',
  'trigger',
  'event',
  'policy',
  'constraint',
  'rule',
  'domain',
  'publication',
]);

/** Identity of an object. No schema and `public` are the same, because Drizzle Kit writes both. */
export function objectKey(object: ObjectName): string {
  const kind = object.kind === 'materialized view' ? 'view' : object.kind;
  const schema = object.schema === 'public' ? null : object.schema;
  return JSON.stringify([kind, schema, object.table?.name ?? null, object.name]);
}

/**
 * What a migration does to builds that do not know it (DESIGN 4). First matching row decides:
 *
 * | impact | when |
 * | --- | --- |
 * | expand | only objects created in the same pending range are touched; or nothing older builds use is taken away |
 * | breaking | a rename; a type changed in place; a new column that old writers cannot fill; a column created in the pending range that becomes NOT NULL or loses its default; additions and removals together |
 * | contract | removals and tightenings alone |
 *
 * Not removals: indexes, constraints, triggers, policies and rules that are dropped, NOT NULL that is dropped, and what is dropped
 * and created again in one file. A drop of NOT NULL, or a new default, counts as an addition beside a removal: this build may need it.
 *
 * @param created objects created by earlier migrations of the same pending range
 */
export function impactOf(
  statements: readonly Pick<ClassifiedStatement, 'is'>[],
  created: CreatedObjects = new Set(),
): ImpactResult {
  const known = new Set(created);
  const replaced = dropsThatComeBack(statements);
  let adds = false;
  let removes = false;
  let breaks = false;

  for (const { is } of statements) {
    for (const change of is.effects) {
      const { effect, object } = change;
      const key = objectKey(object);
      const ours = isNew(object, known);
      switch (effect) {
        case 'adds':
          known.add(key);
          if (ours || is.temporary || replaced.has(key)) break;
          adds = true;
          if (change.breaksOldWriters === true) breaks = true;
          break;
        case 'removes':
          known.delete(key);
          if (!ours && !replaced.has(key)) removes = true;
          break;
        case 'renames':
          if (!ours) breaks = true;
          break;
        case 'retypes':
          if (!ours) breaks = true;
          break;
        case 'tightens':
          if (tableIsNew(object, known)) break;
          // The column is new, its table is not: old writers leave it out, and now they may not.
          if (ours) breaks = true;
          else if (!relaxedLater(statements, change)) removes = true;
          break;
        case 'relaxes':
          if (!ours && object.kind === 'column') adds = true;
          break;
        case 'neutral':
          break;
      }
      if (effect === 'renames' && ours)
        for (const touched of is.touches) known.add(objectKey(touched));
    }
  }
  return {
    impact: breaks || (adds && removes) ? 'breaking' : removes ? 'contract' : 'expand',
    created: known,
  };
}

/** Whether no older build knows an object: it, its table or its schema was created in the pending range. */
export function isNew(object: ObjectName, created: CreatedObjects): boolean {
  return created.has(objectKey(object)) || tableIsNew(object, created);
}

/** Whether the table that an object is, or belongs to, was created in the pending range: it holds no rows worth a wait. */
export function tableIsNew(object: ObjectName, created: CreatedObjects): boolean {
  const table: ObjectName | null =
    object.table === undefined ? null : { kind: 'table', ...object.table };
  const schema: ObjectName | null =
    object.schema === null ? null : { kind: 'schema', schema: null, name: object.schema };
  return (
    (table !== null && created.has(objectKey(table))) ||
    (object.kind !== 'column' && created.has(objectKey(object))) ||
    (schema !== null && created.has(objectKey(schema)))
  );
}

/** Objects without rows that a file drops and creates again. */
export function dropsThatComeBack(
  statements: readonly Pick<ClassifiedStatement, 'is'>[],
): ReadonlySet<string> {
  const dropped = new Set<string>();
  const back = new Set<string>();
  for (const { is } of statements) {
    for (const { effect, object } of is.effects) {
      if (!REPLACEABLE.has(object.kind)) continue;
      const key = objectKey(object);
      if (effect === 'removes' || effect === 'relaxes') dropped.add(key);
      else if (effect === 'adds' && dropped.has(key)) back.add(key);
    }
  }
  return back;
}

/** `DROP DEFAULT` that a later `SET DEFAULT` of the same column makes up for: how Drizzle Kit changes a default or a type. */
function relaxedLater(
  statements: readonly Pick<ClassifiedStatement, 'is'>[],
  tightening: SchemaEffect,
): boolean {
  const key = objectKey(tightening.object);
  const effects = statements.flatMap(({ is }) => is.effects);
  return effects
    .slice(effects.indexOf(tightening) + 1)
    .some(({ effect, object }) => effect === 'relaxes' && objectKey(object) === key);
}
