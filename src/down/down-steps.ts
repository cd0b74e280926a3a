import type { ParsedMigration } from '../journal/journal.js';
import type { ClassifiedStatement } from '../statements/statement.js';
import type { DownStatement, SchemaStep } from './down-statement.js';
import { notesOn } from './notes.js';
import { objectsOf, sameObject, tableOf } from './schema-changes.js';
import { operationOf } from './up-remarks.js';

/** A statement of the way back with what is said of it, and where it belongs. */
export interface DownStep extends DownStatement {
  readonly notes: readonly string[];
  /** The first statement of the file that it takes back; null = none is known. */
  readonly reverses: number | null;
  /** Below the line of this operation; null = outside. */
  readonly operation: string | null;
}

/**
 * Which statements of the file each step takes back, and whether an operation's line covers those. Pure.
 *
 * | it takes back | stands |
 * | --- | --- |
 * | what one operation covers | below that operation's line |
 * | the same, and what it is about is lost outside | outside, and says so |
 * | what an operation covers and something else | outside, and says so |
 * | anything else | outside |
 */
export function downSteps(
  statements: readonly DownStatement[],
  parsed: ParsedMigration,
  step: SchemaStep,
): readonly DownStep[] {
  const all = statements.map((statement) => {
    const { exact, near } = reversedBy(statement.statement, parsed.statements);
    const known = exact.length > 0 ? exact : near;
    return {
      statement,
      known,
      operations: [...new Set(exact.map((each) => operationOf(each, parsed)))],
    };
  });
  const outside = all
    .filter(({ operations }) => operations.length !== 1 || operations[0] === null)
    .map(({ statement }) => statement);
  const steps = all.map(({ statement, known, operations }) => {
    const named = operations.filter((name) => name !== null);
    const unclear =
      operations.length > 1 || (named.length === 1 && isLostWith(statement, outside, step));
    return {
      ...statement,
      notes: [
        ...notesOn(statement.statement, step.changes, known.length > 0, step.dialect),
        ...(unclear && named.length > 0
          ? [
              `It takes back what operation ${named.join(' and ')} covers, and more than that hangs on it: where that operation was undone it may have nothing to do, and fail.`,
            ]
          : []),
      ],
      reverses: known.length === 0 ? null : Math.min(...known.map(({ index }) => index)),
      operation: unclear ? null : (named[0] ?? null),
    };
  });
  return raised(steps, step);
}

/** What is said of an enum that is made anew stands above all that belongs to it: columns of another type, for as long as it is gone. */
function raised(steps: readonly DownStep[], { changes }: SchemaStep): readonly DownStep[] {
  const { gone, back, changed } = changes;
  const inBetween = ({ statement }: DownStep): boolean =>
    !objectsOf(statement).some((object) =>
      [...gone, ...back, ...changed].some((part) => sameObject(part.object, object)),
    );
  const notes = steps.map((each) => each.notes);
  steps.forEach(({ statement }, index) => {
    if (statement.head !== 'DROP TYPE') return;
    const first = steps.slice(0, index).findLastIndex((before) => !inBetween(before)) + 1;
    if (first === index) return;
    notes[first] = [...(notes[first] ?? []), ...(notes[index] ?? [])];
    notes[index] = [];
  });
  return steps.map((each, index) => ({ ...each, notes: notes[index] ?? [] }));
}

/** Whether one of these, which run first, drops a column of the same table, or the table that a foreign key leads to. */
function isLostWith(
  { statement }: DownStatement,
  outside: readonly DownStatement[],
  { current, changes }: SchemaStep,
): boolean {
  const dropped = outside.flatMap((each) => objectsOf(each.statement));
  const lost = dropped.filter((object) =>
    changes.gone.some((part) => sameObject(part.object, object)),
  );
  return objectsOf(statement).some((object) => {
    if (object.kind !== 'constraint' && object.kind !== 'index') return false;
    const part = current.parts.find((each) => sameObject(each.object, object));
    const table = tableOf(part?.object ?? object);
    return lost.some((other) => {
      if (other.kind === 'column')
        return table !== null && sameObject(tableOf(other) ?? other, table);
      return (
        other.kind === 'table' &&
        part?.references !== undefined &&
        sameObject({ kind: 'table', ...part.references.to }, other)
      );
    });
  });
}

/** The statements of the file that one takes back: about the same object, or about another part of its table. */
function reversedBy(
  down: ClassifiedStatement,
  statements: readonly ClassifiedStatement[],
): {
  readonly exact: readonly ClassifiedStatement[];
  readonly near: readonly ClassifiedStatement[];
} {
  const objects = objectsOf(down);
  const dropped = down.head === 'DROP TABLE';
  const ddl = statements.filter(({ is }) => is.category === 'ddl');
  const sameTable = ddl.filter((statement) =>
    objectsOf(statement).some((object) => {
      const table = tableOf(object);
      return objects.some((each) => {
        const own = tableOf(each);
        return table !== null && own !== null && sameObject(table, own);
      });
    }),
  );
  const exact = dropped
    ? sameTable
    : ddl.filter((statement) =>
        objectsOf(statement).some((object) => objects.some((each) => sameObject(each, object))),
      );
  return { exact, near: sameTable.filter((statement) => !exact.includes(statement)) };
}
