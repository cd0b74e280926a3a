import { backfillOption, backfillSettings, type BackfillOptions } from './backfill-settings.js';
import { checkName, checkNewColumn } from './column-names.js';
import {
  readTable,
  type ColumnKey,
  type ColumnLike,
  type DrizzleTable,
  type PlainTable,
} from './drizzle-table.js';
import { anyTable, checkOptions, refuseOperation, text, wordOf } from './operation-options.js';
import type { RenameColumn } from './operation.js';

interface RenameColumnSettings {
  /**
   * What becomes of a statement that writes both columns, and differently.
   *
   * @default 'error' (SQLSTATE MG001 on Postgres, 45000 on MySQL)
   */
  readonly onConflict?: RenameColumn['onConflict'];
  readonly backfill?: BackfillOptions;
}

/** Options of {@link renameColumn} for a Drizzle table that has both columns while two versions run. */
export interface RenameColumnOptions<
  Table extends DrizzleTable,
  From extends ColumnKey<Table>,
> extends RenameColumnSettings {
  readonly table: Table;
  readonly from: From;
  /** Of the same type of data. */
  readonly to: ColumnLike<Table, From>;
}

/** Options of {@link renameColumn} by plain names, as the database has them. */
export interface PlainRenameColumnOptions extends RenameColumnSettings {
  readonly table: PlainTable;
  readonly from: string;
  readonly to: string;
}

/**
 * Renames a column while an old and a new version of the application write to it: two columns that a trigger keeps equal, until the old
 * one goes. Where only the key in schema.ts is to change, write `fullName: text('name')` instead: the database need not change.
 *
 * @example
 * renameColumn('users-full-name', { table: users, from: 'name', to: 'fullName' })
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function renameColumn(name: string, options: PlainRenameColumnOptions): RenameColumn;
export function renameColumn<Table extends DrizzleTable, const From extends ColumnKey<Table>>(
  name: string,
  options: RenameColumnOptions<Table, From>,
): RenameColumn;
export function renameColumn(
  name: string,
  options:
    | PlainRenameColumnOptions
    | (RenameColumnSettings & { table: DrizzleTable; from: string; to: string }),
): RenameColumn {
  checkOptions(
    name,
    options,
    {
      table: anyTable,
      from: text,
      to: text,
      onConflict: wordOf('error', 'prefer-new', 'prefer-old'),
      backfill: backfillOption,
    },
    ['table', 'from', 'to'],
  );
  const table = readTable(name, options.table);
  const from = checkName(name, 'from', table.column(options.from, 'from'));
  const to = checkNewColumn(name, 'to', table.column(options.to, 'to'));
  if (from === to)
    throw refuseOperation(
      name,
      'to',
      'must be another column: where only the key in schema.ts changes, the database need not',
    );
  const [oldType, newType] = [table.typeOf(options.from), table.typeOf(options.to)];
  if (oldType !== newType)
    throw refuseOperation(
      name,
      'to',
      'must be of the same type as the old column; use changeColumnType',
    );
  return {
    kind: 'rename-column',
    name,
    table: table.name,
    from,
    to,
    onConflict: options.onConflict ?? 'error',
    backfill: backfillSettings(name, options.backfill),
  };
}
