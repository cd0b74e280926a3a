import type { ParsedMigration } from '../journal/journal.js';
import type { ClassifiedStatement } from '../statements/statement.js';
import { goesWith, objectsOf, sameObject, type SchemaChanges } from './schema-changes.js';
import { describe } from './wording.js';

/** What the draft says of something that the file did and no snapshot knows. */
export interface UpRemark {
  /** It stands before whatever takes back what the file did before this: index of the statement, or between two. */
  readonly position: number;
  readonly text: string;
  /** Whether somebody has to write something, or to delete the line. */
  readonly open: boolean;
  /** The operation below whose line it stands; null = none. */
  readonly operation: string | null;
}

/** Rows, functions, triggers and whatever else the snapshots do not hold, the last first. Pure. */
export function upRemarks(parsed: ParsedMigration, changes: SchemaChanges): readonly UpRemark[] {
  const { statements, directives } = parsed;
  const ofStatements = statements
    .filter((statement) => !isHousekeeping(statement) && !isInSnapshots(statement, changes))
    .map((statement) => ({
      position: statement.index,
      ...remarkOn(statement, changes),
      operation: operationOf(statement, parsed),
    }));
  const ofCode = directives.run.map(({ name, beforeStatement, line }) => ({
    position: beforeStatement - 0.5,
    text: `The file also ran code migration ${name} (line ${line}): write its reverse here, or delete this line.`,
    open: true,
    operation: null,
  }));
  return [...ofStatements, ...ofCode].toSorted((one, other) => other.position - one.position);
}

/** The operation whose line covers a statement, or null. */
export function operationOf(
  { index }: Pick<ClassifiedStatement, 'index'>,
  { coverage, directives }: Pick<ParsedMigration, 'coverage' | 'directives'>,
): string | null {
  const covering = coverage.find(
    ({ kind, from, until }) => kind === 'operation' && from <= index && index < until,
  );
  return directives.operations.find(({ line }) => line === covering?.line)?.name ?? null;
}

/** Settings and transaction control leave nothing behind. */
function isHousekeeping({ is }: ClassifiedStatement): boolean {
  return is.control !== null || is.category === 'setting';
}

function isInSnapshots(
  statement: ClassifiedStatement,
  { gone, back, changed }: SchemaChanges,
): boolean {
  return (
    statement.is.category === 'ddl' &&
    objectsOf(statement).some((object) =>
      [...gone, ...back, ...changed].some((part) => sameObject(part.object, object)),
    )
  );
}

function remarkOn(
  statement: ClassifiedStatement,
  changes: SchemaChanges,
): Pick<UpRemark, 'text' | 'open'> {
  const { index, line, head, is } = statement;
  const which = `statement ${index + 1} (line ${line}${head === '' ? '' : `, ${head}`})`;
  const objects =
    is.category === 'dml' ? is.locks.map(({ object }) => object) : objectsOf(statement);
  const tables = objects.map((object) => goesWith(object, changes));
  const [table] = tables;
  const along = is.category !== 'call' && tables.every((each) => each !== null);
  const open = !along || table == null;
  const what = open
    ? 'write its reverse here, or delete this line'
    : `what it did goes with ${describe(table)}`;
  return { text: `The file also ran ${which}: ${what}.`, open };
}
