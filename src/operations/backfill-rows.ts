import { backfillOption, backfillSettings, type BackfillOptions } from './backfill-settings.js';
import { checkName } from './column-names.js';
import { readTable, type ColumnKey, type DrizzleTable, type PlainTable } from './drizzle-table.js';
import { anyTable, checkOptions, refuseOperation, sqlByColumn, text } from './operation-options.js';
import type { Backfill, BackfillRows } from './operation.js';
import { byColumn } from './tighten.js';

interface BackfillWork<Key extends string> {
  /** SQL by column, over the row's own columns. This or {@link rows}. */
  readonly set?: Readonly<Partial<Record<Key, string>>>;
  /**
   * SQL that is true for a row that is still to be done, and not after `set`. Needed where setting a row twice would differ.
   *
   * @default every row up to the last one is done once
   */
  readonly where?: string;
  /** In TypeScript: a chunk's rows in, what to set out, by position and by the database's column names; null leaves a row as it is. */
  readonly rows?: BackfillRows;
  readonly backfill?: BackfillOptions;
}

/** Options of {@link backfill} for a Drizzle table. */
export interface BackfillOf<Table extends DrizzleTable> extends BackfillWork<ColumnKey<Table>> {
  readonly table: Table;
}

/** Options of {@link backfill} by plain names. */
export interface PlainBackfill extends BackfillWork<string> {
  readonly table: PlainTable;
}

/**
 * Brings rows to what the next release expects, in chunks beside the application's own writes.
 *
 * @example
 * backfill('users-slug', { table: users, set: { slug: "lower(replace(name, ' ', '-'))" }, where: 'slug is null' })
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function backfill(name: string, options: PlainBackfill): Backfill;
export function backfill<Table extends DrizzleTable>(
  name: string,
  options: BackfillOf<Table>,
): Backfill;
export function backfill(
  name: string,
  options: PlainBackfill | (BackfillWork<string> & { table: DrizzleTable }),
): Backfill {
  checkOptions(
    name,
    options,
    {
      table: anyTable,
      set: sqlByColumn,
      where: text,
      rows: (value) => (typeof value === 'function' ? null : 'a function'),
      backfill: backfillOption,
    },
    ['table'],
  );
  if ((options.set === undefined) === (options.rows === undefined))
    throw refuseOperation(name, null, 'needs either set or rows');
  const table = readTable(name, options.table);
  const set = options.set === undefined ? null : byColumn(table, options.set, 'set');
  for (const column of Object.keys(set ?? {})) checkName(name, 'set', column);
  return {
    kind: 'backfill',
    name,
    table: table.name,
    set,
    where: options.where ?? null,
    rows: options.rows ?? null,
    backfill: backfillSettings(name, options.backfill),
  };
}
