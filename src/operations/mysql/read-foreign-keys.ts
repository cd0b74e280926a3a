import type { Session } from '../../database/database.js';
import type { TableName } from '../operation.js';
import type { ForeignKeyFacts } from '../table-facts.js';
import { groupBy } from './group-by.js';
import type { Place } from './place.js';

/**
 * Foreign keys of the table and of those that refer to it.
 *
 * @param given the table's schema as the operation names it, repeated for tables of the same one
 */
export async function readForeignKeys(
  session: Session,
  { schema, name }: Place,
  given: string | null,
): Promise<ForeignKeyFacts[]> {
  // MariaDB opens every table that it is asked about: those of other databases are left out.
  const within = session.server.flavour === 'mariadb' ? 'k.table_schema = ? AND' : '';
  const rows = await session.query<{
    name: string;
    in_schema: string;
    in_table: string;
    col: string;
    other_schema: string;
    other_table: string;
    other_col: string;
    on_delete: string;
    on_update: string;
  }>(
    `SELECT k.constraint_name AS name, k.table_schema AS in_schema, k.table_name AS in_table, k.column_name AS col,
       k.referenced_table_schema AS other_schema, k.referenced_table_name AS other_table, k.referenced_column_name AS other_col,
       r.delete_rule AS on_delete, r.update_rule AS on_update
     FROM information_schema.key_column_usage k
     JOIN information_schema.referential_constraints r
       ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
     WHERE k.referenced_table_name IS NOT NULL
       AND ((k.table_schema = ? AND k.table_name = ?) OR (${within} k.referenced_table_schema = ? AND k.referenced_table_name = ?))
     ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position`,
    [schema, name, ...(within === '' ? [] : [schema]), schema, name],
  );
  const tableName = (of: string, table: string): TableName => ({
    schema: of === schema ? given : of,
    name: table,
  });
  const groups = groupBy(rows, (row) => JSON.stringify([row.in_schema, row.in_table, row.name]));
  return [...groups.values()].flatMap((parts) => {
    const [first] = parts;
    if (first === undefined) return [];
    const own = parts.map(({ col }) => col);
    const other = parts.map(({ other_col: column }) => column);
    const common = {
      name: first.name,
      onDelete: first.on_delete.toLowerCase(),
      onUpdate: first.on_update.toLowerCase(),
      validated: true,
    };
    const out: ForeignKeyFacts = {
      ...common,
      direction: 'out',
      columns: own,
      other: { table: tableName(first.other_schema, first.other_table), columns: other },
    };
    const into: ForeignKeyFacts = {
      ...common,
      direction: 'in',
      columns: other,
      other: { table: tableName(first.in_schema, first.in_table), columns: own },
    };
    // A table that refers to itself has both.
    const isOut = first.in_schema === schema && first.in_table === name;
    const isIn = first.other_schema === schema && first.other_table === name;
    return [...(isOut ? [out] : []), ...(isIn ? [into] : [])];
  });
}
