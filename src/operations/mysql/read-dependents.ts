import { StatementError } from '../../database/database.js';
import type { Session } from '../../database/database.js';
import type { DependentFacts } from '../table-facts.js';
import type { Place } from './place.js';
import type { ReadColumn } from './read-columns.js';

/**
 * What else names columns of the table. Generated columns are certain. Views, routines and the triggers of other tables are found by
 * their text: neither server lists the columns that they use (MySQL has VIEW_TABLE_USAGE, MariaDB has not).
 */
export async function readDependents(
  session: Session,
  place: Place,
  columns: readonly ReadColumn[],
): Promise<DependentFacts[]> {
  const names = columns.map(({ name }) => name);
  const generated = columns.flatMap(({ name, expression }): DependentFacts[] => {
    if (expression === '') return [];
    return [
      { kind: 'generated column', name, columns: namedColumns(expression, names), certain: true },
    ];
  });
  const texts = await readTexts(session, place);
  const mentioning = texts.flatMap(({ kind, name, body }): DependentFacts[] => {
    if (!mentions(body, place.name)) return [];
    const named = names.filter((column) => mentions(body, column));
    return named.length === 0 ? [] : [{ kind, name, columns: named, certain: false }];
  });
  return [...generated, ...mentioning];
}

/** Columns that an expression of the catalogue names: both servers quote every name in it. */
export function namedColumns(expression: string, columns: readonly string[]): string[] {
  return columns.filter((column) => {
    const escaped = column.replaceAll('`', '``');
    return expression.includes(`\`${escaped}\``) || expression.includes(`"${column}"`);
  });
}

interface Text {
  readonly kind: 'view' | 'function';
  readonly name: string;
  readonly body: string;
}

async function readTexts(session: Session, { schema, name }: Place): Promise<Text[]> {
  const views = await texts(
    session,
    'view',
    `SELECT table_name AS name, view_definition AS body FROM information_schema.views WHERE table_schema = ?`,
    [schema],
  );
  const routines = await texts(
    session,
    'function',
    `SELECT concat(lower(routine_type), ' ', routine_name) AS name, routine_definition AS body
     FROM information_schema.routines WHERE routine_schema = ?`,
    [schema],
  );
  const triggers = await texts(
    session,
    'function',
    `SELECT concat('trigger ', trigger_name, ' of ', event_object_table) AS name, action_statement AS body
     FROM information_schema.triggers WHERE trigger_schema = ? AND event_object_table <> ?`,
    [schema, name],
  );
  return [...views, ...routines, ...triggers];
}

async function texts(
  session: Session,
  kind: Text['kind'],
  sql: string,
  params: readonly string[],
): Promise<Text[]> {
  try {
    const rows = await session.query<{ name: string; body: string | null }>(sql, params);
    // Without SHOW VIEW or the routine's rights the text is empty.
    return rows.map((row) => ({ kind, name: row.name, body: row.body ?? '' }));
  } catch (error) {
    if (error instanceof StatementError && error.kind === 'privilege') return [];
    throw error;
  }
}

/** Whether a text has the name as a word of its own, quoted or not. */
function mentions(body: string, name: string): boolean {
  const escaped = name.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\p{L}\\p{N}_$])${escaped}(?![\\p{L}\\p{N}_$])`, 'iu').test(body);
}
