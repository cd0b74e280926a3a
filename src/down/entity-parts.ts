import type { Dialect, ObjectName } from '../statements/statement.js';
import { leadingColumns, recordOf, textOf } from './snapshot-json.js';
import type { SnapshotPart } from './snapshot.js';

/** What an `entityType` of 1.x is here. Privileges of roles have no name of their own and are left out. */
const KINDS: Readonly<Record<string, ObjectName['kind']>> = {
  schemas: 'schema',
  tables: 'table',
  columns: 'column',
  indexes: 'index',
  fks: 'constraint',
  pks: 'constraint',
  uniques: 'constraint',
  checks: 'constraint',
  enums: 'type',
  sequences: 'sequence',
  roles: 'role',
  policies: 'policy',
  views: 'view',
};

/**
 * The parts of a 1.x snapshot: one list of entities, each with its table. Pure.
 *
 * @see drizzle-kit 1.0.0-rc.5 `PostgresEntities` (version 9) and `MysqlEntities` (version 6)
 */
export function partsOfEntities(
  ddl: readonly unknown[],
  dialect: Dialect,
): readonly SnapshotPart[] {
  return ddl.map(recordOf).flatMap((entity): SnapshotPart[] => {
    const { entityType, columns, schemaTo, tableTo } = entity;
    const kind = KINDS[typeof entityType === 'string' ? entityType : ''];
    if (kind === undefined) return [];
    const name = textOf(entity['name']) ?? '';
    const schema = dialect === 'mysql' ? null : textOf(entity['schema']);
    const table = textOf(entity['table']);
    const object: ObjectName = {
      ...{ kind, schema, name },
      ...(table !== null && { table: { schema, name: table } }),
    };
    const definition = JSON.stringify(entity);
    if (entityType === 'fks') {
      const to = { schema: textOf(schemaTo), name: textOf(tableTo) ?? '' };
      return [{ object, definition, references: { columns: leadingColumns(columns), to } }];
    }
    return [
      { object, definition, ...(Array.isArray(columns) && { key: leadingColumns(columns) }) },
    ];
  });
}
