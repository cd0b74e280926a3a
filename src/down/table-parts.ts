import type { Dialect, ObjectName } from '../statements/statement.js';
import { leadingColumns, recordOf, textOf, type Json } from './snapshot-json.js';
import type { SnapshotPart } from './snapshot.js';

/**
 * The parts of a 0.x snapshot: records by name, those of a table inside it. Pure.
 *
 * @see drizzle-kit 0.31.11 `pgSchema` (version 7) and `mysqlSchema` (version 5)
 */
export function partsOfTables(snapshot: Json, dialect: Dialect): readonly SnapshotPart[] {
  return [
    ...members(snapshot, 'tables').flatMap((table) => tableParts(table, dialect)),
    ...members(snapshot, 'views').map((view) => part('view', view)),
    ...members(snapshot, 'enums').map((type) => part('type', type)),
    ...members(snapshot, 'sequences').map((sequence) => part('sequence', sequence)),
    ...members(snapshot, 'roles').map((role) => part('role', role)),
    ...members(snapshot, 'policies').map((policy) => part('policy', policy, ownerOf(policy))),
    ...Object.keys(recordOf(snapshot['schemas'])).map((name) => part('schema', { name })),
  ];
}

function tableParts(json: Json, dialect: Dialect): readonly SnapshotPart[] {
  const table = { schema: schemaOf(json), name: nameOf(json) };
  const {
    columns: _columns,
    indexes: _indexes,
    foreignKeys: _foreignKeys,
    compositePrimaryKeys: _primaryKeys,
    uniqueConstraints: _uniques,
    checkConstraints: _checks,
    checkConstraint: _check,
    policies: _policies,
    ...own
  } = json;
  const unique = dialect === 'mysql' ? 'index' : 'constraint';
  return [
    part('table', own),
    ...members(json, 'columns').map((column) => ({
      ...part('column', column, table),
      ...(column['primaryKey'] === true && { key: [nameOf(column)] }),
    })),
    ...members(json, 'indexes').map((index) => ({
      ...part('index', index, table),
      key: leadingColumns(index['columns']),
    })),
    ...members(json, 'foreignKeys').map((key) => ({
      ...part('constraint', key, table),
      references: {
        columns: leadingColumns(key['columnsFrom']),
        to: { schema: textOf(key['schemaTo']), name: textOf(key['tableTo']) ?? '' },
      },
    })),
    ...members(json, 'compositePrimaryKeys').map((key) => ({
      ...part('constraint', key, table),
      key: leadingColumns(key['columns']),
    })),
    ...members(json, 'uniqueConstraints').map((key) => ({
      ...part(unique, key, table),
      key: leadingColumns(key['columns']),
    })),
    ...members(json, 'checkConstraints').map((check) => part('constraint', check, table)),
    ...members(json, 'checkConstraint').map((check) => part('constraint', check, table)),
    ...members(json, 'policies').map((policy) => part('policy', policy, table)),
  ];
}

function part(kind: ObjectName['kind'], json: Json, table?: ObjectName['table']): SnapshotPart {
  const schema = table === undefined ? schemaOf(json) : table.schema;
  const object = { kind, schema, name: nameOf(json), ...(table !== undefined && { table }) };
  return { object, definition: JSON.stringify(json) };
}

/** The table of a policy that stands by itself: `"schema"."table"` or `table`. */
function ownerOf(policy: Json): ObjectName['table'] {
  const on = textOf(policy['on']);
  if (on === null) return undefined;
  const [name = '', schema = null] = on
    .split('.')
    .map((each) => each.replaceAll('"', ''))
    .toReversed();
  return { schema, name };
}

function members(json: Json, key: string): readonly Json[] {
  return Object.values(recordOf(json[key])).map(recordOf);
}

function nameOf(json: Json): string {
  return textOf(json['name']) ?? '';
}

function schemaOf(json: Json): string | null {
  return textOf(json['schema']);
}
