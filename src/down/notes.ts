import type { ClassifiedStatement, Dialect } from '../statements/statement.js';
import { objectsOf, sameObject, type SchemaChanges } from './schema-changes.js';
import { describe } from './wording.js';

/**
 * What somebody has to know of a statement of the way back before it runs. Pure.
 *
 * @param known whether a statement of the file is known to have done what this takes back
 */
export function notesOn(
  statement: ClassifiedStatement,
  { gone, back, changed }: SchemaChanges,
  known: boolean,
  dialect: Dialect,
): readonly string[] {
  const notes: string[] = [];
  const among = (parts: SchemaChanges['gone'], kind: string) =>
    objectsOf(statement).find(
      (object) => object.kind === kind && parts.some((part) => sameObject(part.object, object)),
    );
  const table = among(gone, 'table');
  if (table !== undefined) notes.push(`The rows of ${describe(table)} do not come back.`);
  const column = among(gone, 'column');
  if (column !== undefined) notes.push(`The values of ${describe(column)} do not come back.`);
  const again = among(back, 'table') ?? among(back, 'column');
  if (again !== undefined) notes.push(`The schema of ${describe(again)} comes back, and no value.`);
  const type = among(changed, 'type');
  if (type !== undefined && statement.head === 'DROP TYPE')
    notes.push(
      `Postgres takes no value out of an enum: ${describe(type)} is made anew, and each table that has it is rewritten under ACCESS EXCLUSIVE.`,
      'It fails where a row holds the value that goes. Builds of before live on with that value: this may be left out, with all that belongs to it.',
    );
  const other = among(changed, 'column');
  const narrows = statement.is.effects.some(
    ({ effect }) => effect === 'retypes' || effect === 'tightens',
  );
  if (other !== undefined && narrows)
    notes.push(
      dialect === 'mysql'
        ? 'Look for rows that do not fit it first: it fails on them, or cuts their values where sql_mode is not strict.'
        : 'Look for rows that do not fit it first: it fails on them.',
    );
  const changes = [...gone, ...back, ...changed];
  const ours = objectsOf(statement).some((object) =>
    changes.some((part) => sameObject(part.object, object)),
  );
  if (!known && ours)
    notes.push('No statement of the file is known to have done what this takes back: look at it.');
  return notes;
}
