import { isRecord, refuseOperation } from './operation-options.js';
import type { TableName } from './operation.js';

/** What is asked of a Drizzle table at the type level: its columns by key. Fits drizzle-orm 0.4x and 1.x, without their types. */
export interface DrizzleTable {
  readonly _: { readonly columns: Readonly<Record<string, DrizzleColumn>> };
}

/** What is asked of a Drizzle column at the type level: the type of its data. */
export interface DrizzleColumn {
  readonly _: { readonly data: unknown };
}

/** Keys of a table's columns, as its schema.ts has them. */
export type ColumnKey<Table extends DrizzleTable> = keyof Table['_']['columns'] & string;

/** Keys of the columns that hold the same type of data as another one. */
export type ColumnLike<Table extends DrizzleTable, Key extends ColumnKey<Table>> = {
  [Other in ColumnKey<Table>]: Other extends Key
    ? never
    : Same<DataOf<Table, Key>, DataOf<Table, Other>> extends true
      ? Other
      : never;
}[ColumnKey<Table>];

type DataOf<
  Table extends DrizzleTable,
  Key extends ColumnKey<Table>,
> = Table['_']['columns'][Key]['_']['data'];
type Same<A, B> = [A, B] extends [B, A] ? true : false;

/** A table without Drizzle: `users`, `app.users`, or its parts where a name holds a dot. */
export type PlainTable = string | { readonly schema?: string | null; readonly name: string };

/** A table as a constructor was given it. */
export interface GivenTable {
  readonly name: TableName;
  /** The database's name of a column. @throws {MigratorError} `OPERATION_INVALID` for a key that a Drizzle table does not have */
  column(key: string, option: string): string;
  /** The SQL type of a column, where a Drizzle table tells. */
  typeOf(key: string): string | null;
}

// Drizzle registers its symbols globally, in every version and in both module systems: no import is needed to read a table.
const NAME = Symbol.for('drizzle:Name');
const SCHEMA = Symbol.for('drizzle:Schema');
const COLUMNS = Symbol.for('drizzle:Columns');

/** Reads what was given as a table. @throws {MigratorError} `OPERATION_INVALID` */
export function readTable(operation: string, table: unknown, option = 'table'): GivenTable {
  if (typeof table === 'string') return plain(fromText(operation, table, option));
  if (!isRecord(table))
    throw refuseOperation(operation, option, 'must be a Drizzle table or a name');
  const drizzle = table as Readonly<Record<symbol, unknown>>;
  if (typeof drizzle[NAME] === 'string') return fromDrizzle(operation, drizzle);
  const { name, schema = null } = table;
  if (typeof name !== 'string' || name === '' || (schema !== null && typeof schema !== 'string'))
    throw refuseOperation(
      operation,
      option,
      'must be a Drizzle table, a name, or { schema, name }',
    );
  return plain({ schema, name });
}

function plain(name: TableName): GivenTable {
  return { name, column: (key) => key, typeOf: () => null };
}

function fromText(operation: string, text: string, option: string): TableName {
  const parts = text.split('.');
  if (parts.length > 2 || parts.some((part) => part.trim() === ''))
    throw refuseOperation(
      operation,
      option,
      'must read as table or schema.table; give { schema, name } where a name holds a dot',
    );
  const [first = '', second] = parts;
  return second === undefined ? { schema: null, name: first } : { schema: first, name: second };
}

function fromDrizzle(operation: string, table: Readonly<Record<symbol, unknown>>): GivenTable {
  const columns = table[COLUMNS] as Readonly<Record<string, RuntimeColumn>>;
  const schema = table[SCHEMA];
  const known = (key: string): RuntimeColumn | undefined =>
    Object.hasOwn(columns, key) ? columns[key] : undefined;
  return {
    name: { schema: typeof schema === 'string' ? schema : null, name: String(table[NAME]) },
    column(key, option) {
      const column = known(key);
      if (column !== undefined) return column.name;
      throw refuseOperation(operation, option, 'must be a key of the table', {
        given: key,
        known: Object.keys(columns),
      });
    },
    typeOf: (key) => known(key)?.getSQLType() ?? null,
  };
}

interface RuntimeColumn {
  readonly name: string;
  getSQLType(): string;
}
