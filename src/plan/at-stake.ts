import type { ParsedMigration } from '../journal/journal.js';
import type { Operation } from '../operations/operation.js';
import type { ClassifiedStatement, ObjectName, SchemaEffect } from '../statements/statement.js';

/** What a contract takes rows from: a table by name, all tables of a schema, or those with columns of a type. */
export interface AtStake {
  readonly kind: 'table' | 'schema' | 'type';
  /** null = as the session finds it. */
  readonly schema: string | null;
  readonly name: string;
}

/**
 * Whose rows a migration takes away, in part or as a whole, as far as its text tells. Pure.
 *
 * | what stands there | what is at stake |
 * | --- | --- |
 * | a table or a sequence is dropped | it |
 * | a column is dropped, or gets another type | its table |
 * | a schema is dropped, or on MySQL a database | all its tables |
 * | a type or a domain is dropped | tables with columns of it: CASCADE takes those |
 * | TRUNCATE, DELETE, UPDATE, MERGE, REPLACE | the table that is written |
 * | the contract of a renamed column or a changed type | the operation's table |
 *
 * Constraints, indexes and code hold no rows. What a code migration does is not known.
 */
export function atStake(
  { statements, directives }: Pick<ParsedMigration, 'statements' | 'directives'>,
  operations: ReadonlyMap<string, Operation>,
): readonly AtStake[] {
  const found = [
    ...statements.flatMap(ofStatement),
    ...directives.operations.flatMap(({ name, phase }) => {
      const operation = operations.get(name);
      return phase === 'contract' && operation !== undefined ? ofOperation(operation) : [];
    }),
  ];
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

/** What an effect takes away for good; null = nothing that holds rows. */
export function takenAway({ effect, object }: SchemaEffect): ObjectName | null {
  if (effect === 'retypes') return object.kind === 'column' ? object : null;
  return effect === 'removes' && HOLDS_ROWS.has(object.kind) ? object : null;
}

const HOLDS_ROWS: ReadonlySet<ObjectName['kind']> = new Set([
  'table',
  'sequence',
  'column',
  'schema',
  'database',
  'type',
  'domain',
]);

function ofStatement({ is, head }: ClassifiedStatement): readonly AtStake[] {
  const removed = is.effects.flatMap((effect) => takenAway(effect) ?? []).flatMap(ofObject);
  return REWRITES_ROWS.test(head)
    ? [...removed, ...is.locks.flatMap(({ object }) => ofObject(object))]
    : removed;
}

/** As statements begin that take rows or values away. A WITH may end in one. */
const REWRITES_ROWS = /^(?:TRUNCATE|DELETE|UPDATE|MERGE|REPLACE|WITH)\b/;

function ofObject({ kind, schema, name, table }: ObjectName): readonly AtStake[] {
  if (kind === 'table' || kind === 'sequence') return [{ kind: 'table', schema, name }];
  if (kind === 'column' && table !== undefined) {
    return [{ kind: 'table', schema: table.schema, name: table.name }];
  }
  if (kind === 'schema' || kind === 'database') return [{ kind: 'schema', schema: null, name }];
  return kind === 'type' || kind === 'domain' ? [{ kind: 'type', schema, name }] : [];
}

/** A tightening takes nothing away: rows that do not fit stop it. */
function ofOperation({ kind, table }: Operation): readonly AtStake[] {
  return kind === 'rename-column' || kind === 'change-column-type'
    ? [{ kind: 'table', schema: table.schema, name: table.name }]
    : [];
}
