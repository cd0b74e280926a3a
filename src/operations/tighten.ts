import { backfillOption, backfillSettings, type BackfillOptions } from './backfill-settings.js';
import type { ColumnKey, DrizzleTable, GivenTable, PlainTable } from './drizzle-table.js';
import { anyTable, sqlByColumn, wordOf } from './operation-options.js';
import type { Rule, TightenConstraint } from './operation.js';

/** What all constructors of rules take beside the rule itself. */
export interface TightenSettings<Key extends string = string> {
  /**
   * SQL by column that makes a violating row a good one, over the row's own columns, such as `{ email: "'unknown'" }`. Rows that
   * are there are repaired by the backfill; while it runs, so is what is written.
   *
   * @default none: violators are counted, and repaired by hand
   */
  readonly repair?: Readonly<Partial<Record<Key, string>>>;
  /**
   * How MySQL and MariaDB enforce what only a copy of the table could enforce.
   *
   * @default 'refuse'
   */
  readonly withoutOnlineForm?: TightenConstraint['withoutOnlineForm'];
  readonly backfill?: BackfillOptions;
}

/** Of a Drizzle table. */
export interface TightenOf<Table extends DrizzleTable> extends TightenSettings<ColumnKey<Table>> {
  readonly table: Table;
}

/** Of a table by its name. */
export interface PlainTighten extends TightenSettings {
  readonly table: PlainTable;
}

/** Checks of the options that all rules share. */
export const TIGHTEN_CHECKS = {
  table: anyTable,
  repair: sqlByColumn,
  withoutOnlineForm: wordOf('refuse', 'guard-triggers', 'copy'),
  backfill: backfillOption,
} as const;

/** The operation of a rule. @throws {MigratorError} `OPERATION_INVALID` */
export function tighten(
  name: string,
  table: GivenTable,
  rule: Rule,
  settings: TightenSettings,
): TightenConstraint {
  return {
    kind: 'tighten',
    name,
    table: table.name,
    rule,
    repair: settings.repair === undefined ? null : byColumn(table, settings.repair, 'repair'),
    withoutOnlineForm: settings.withoutOnlineForm ?? 'refuse',
    backfill: backfillSettings(name, settings.backfill),
  };
}

/** Keys of a Drizzle table as columns of the database. */
export function byColumn(
  table: GivenTable,
  sql: Readonly<Partial<Record<string, string>>>,
  option: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(sql).flatMap(([key, value]) =>
      value === undefined ? [] : [[table.column(key, `${option}.${key}`), value]],
    ),
  );
}
