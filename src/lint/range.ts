import { Cursor } from '../statements/cursor.js';
import {
  impactOf,
  isNew,
  objectKey,
  tableIsNew,
  type CreatedObjects,
} from '../statements/impact.js';
import type { ClassifiedStatement, Dialect, ObjectName } from '../statements/statement.js';
import { textOf } from '../statements/table-changes/spans.js';
import type { AlterTable } from '../statements/table-changes/table-change.js';

/** A constraint that the range added without looking at the rows. */
interface NotValid {
  /** Number of the transaction in the range. */
  readonly addedIn: number;
  /** The column that it says holds no NULL; null = it says something else. */
  readonly column: string | null;
  /** Number of the transaction that validated it; null = none so far. */
  readonly validatedIn: number | null;
}

/** What is known of the database at a point of the range, from the statements before it. Each step gives a new value. */
export interface RangeState {
  readonly created: CreatedObjects;
  readonly constraints: ReadonlyMap<string, NotValid>;
}

/** Before the first statement. */
export const RANGE_START: RangeState = { created: new Set(), constraints: new Map() };

/** After one more statement, that runs in that transaction. */
export function afterStatement(
  state: RangeState,
  statement: ClassifiedStatement,
  alter: AlterTable | null,
  transaction: number,
  dialect: Dialect,
): RangeState {
  const { effects } = statement.is;
  const created =
    effects.length === 0 ? state.created : impactOf([statement], state.created).created;
  if (alter === null) return { ...state, created };
  const constraints = new Map(state.constraints);
  for (const change of alter.changes) {
    if (change.kind === 'add constraint' && change.notValid && change.constraint !== null) {
      const definition = textOf(statement.sql, change.definition);
      constraints.set(keyOf(alter.table, change.constraint), {
        addedIn: transaction,
        column: change.type === 'check' ? columnWithoutNull(definition, dialect) : null,
        validatedIn: null,
      });
    } else if (change.kind === 'validate constraint') {
      const key = keyOf(alter.table, change.constraint);
      const known = constraints.get(key);
      if (known !== undefined) constraints.set(key, { ...known, validatedIn: transaction });
    }
  }
  return { created, constraints };
}

function keyOf(table: ObjectName, constraint: string): string {
  return `${objectKey(table)} ${constraint}`;
}

/** The column of `CHECK (column IS NOT NULL)`. */
function columnWithoutNull(definition: string, dialect: Dialect): string | null {
  const cursor = new Cursor(definition, dialect);
  cursor.take('CHECK');
  while (cursor.takeText('('));
  const column = cursor.identifier();
  return cursor.take('IS', 'NOT', 'NULL') && cursor.takeText(')') ? column : null;
}

/** Whether no older build knows an object. */
export function isNewIn({ created }: RangeState, object: ObjectName): boolean {
  return isNew(object, created);
}

/** Whether the table that an object is, or belongs to, holds no rows worth a wait. */
export function tableIsNewIn({ created }: RangeState, object: ObjectName): boolean {
  return tableIsNew(object, created);
}

/** Whether a valid check, from an earlier transaction, says that a column holds no NULL. */
export function isProvenNotNull(
  { constraints }: RangeState,
  table: ObjectName,
  column: string,
  transaction: number,
): boolean {
  return [...constraints].some(
    ([key, each]) =>
      key.startsWith(`${objectKey(table)} `) &&
      each.column === column &&
      each.validatedIn !== null &&
      each.validatedIn !== transaction,
  );
}

/** Whether a constraint was added in this transaction. */
export function isAddedIn(
  { constraints }: RangeState,
  table: ObjectName,
  constraint: string,
  transaction: number,
): boolean {
  return constraints.get(keyOf(table, constraint))?.addedIn === transaction;
}
