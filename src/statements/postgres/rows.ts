import type { Cursor } from '../cursor.js';
import { effect, lock, touch, type Draft } from '../draft.js';

/** What reads and writes rows: SELECT, INSERT, UPDATE, DELETE, MERGE, TRUNCATE, COPY, WITH, and what is left. */
export function classifyRows(draft: Draft, cursor: Cursor): void {
  while (cursor.isText('(')) cursor.skip();
  const verb = cursor.word();
  switch (verb) {
    case 'WITH':
      classifyWith(draft, cursor);
      return;
    case 'INSERT':
    case 'MERGE':
      cursor.skip();
      cursor.take('INTO');
      writes(draft, cursor);
      return;
    case 'DELETE':
      cursor.skip();
      cursor.take('FROM');
      writes(draft, cursor);
      return;
    case 'UPDATE':
      cursor.skip();
      writes(draft, cursor);
      return;
    case 'TRUNCATE':
      draft.category = 'dml';
      draft.repeatable = true;
      cursor.skip();
      cursor.take('TABLE');
      cursor.take('ONLY');
      for (const table of cursor.objects('table', () => cursor.takeText('*'))) {
        lock(draft, table, 'ACCESS EXCLUSIVE', 'metadata');
      }
      return;
    case 'COPY':
      classifyCopy(draft, cursor);
      return;
    case 'SELECT':
      classifySelect(draft, cursor);
      return;
    case 'VALUES':
    case 'TABLE':
    case 'SHOW':
    case 'EXPLAIN':
    case 'FETCH':
      // EXPLAIN ANALYZE runs what it explains.
      draft.category = 'query';
      draft.repeatable = verb !== 'FETCH' && verb !== 'EXPLAIN';
      return;
    default:
  }
}

function writes(draft: Draft, cursor: Cursor): void {
  draft.category = 'dml';
  cursor.take('ONLY');
  lock(draft, cursor.object('table'), 'ROW EXCLUSIVE', 'rows');
}

/** The statement that a WITH leads to; a data-modifying part makes all of it one. */
function classifyWith(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  cursor.take('RECURSIVE');
  let inside = false;
  do {
    cursor.identifier();
    cursor.skipParentheses();
    cursor.seek('AS');
    cursor.skip();
    cursor.take('NOT');
    cursor.take('MATERIALIZED');
    if (!cursor.isText('(')) break;
    const start = cursor.position;
    const verb = cursor.word(1);
    if (verb === 'INSERT' || verb === 'UPDATE' || verb === 'DELETE' || verb === 'MERGE') {
      cursor.skip();
      classifyRows(draft, cursor);
      inside = true;
    }
    cursor.position = start;
    cursor.skipParentheses();
    // SEARCH and CYCLE clauses of a recursive part.
    while (cursor.is('SEARCH') || cursor.is('CYCLE')) {
      if (!cursor.seek('SET')) break;
      cursor.skip(2);
      if (cursor.seek('USING')) cursor.skip(2);
    }
  } while (cursor.takeText(','));
  if (cursor.is('WITH')) return;
  classifyRows(draft, cursor);
  if (inside) {
    draft.category = 'dml';
    draft.repeatable = false;
  }
}

function classifyCopy(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  const from = cursor.isText('(') ? null : cursor.object('table');
  cursor.skipParentheses();
  if (!cursor.is('FROM')) {
    draft.category = 'query';
    return;
  }
  draft.category = 'dml';
  lock(draft, from, 'ROW EXCLUSIVE', 'rows');
}

function classifySelect(draft: Draft, cursor: Cursor): void {
  const start = cursor.position;
  // What pg_dump writes instead of SET search_path.
  cursor.skip();
  const called = cursor.qualifiedName();
  if (called?.name === 'set_config' && cursor.isText('(')) {
    draft.category = 'setting';
    draft.repeatable = true;
    return;
  }
  cursor.position = start;
  if (cursor.seek('INTO', 'FROM') && cursor.take('INTO')) {
    draft.category = 'ddl';
    draft.temporary = cursor.takeAny('TEMP', 'TEMPORARY') !== null;
    cursor.take('UNLOGGED');
    cursor.take('TABLE');
    const table = cursor.object('table');
    touch(draft, table);
    effect(draft, 'adds', table);
    return;
  }
  draft.category = 'query';
  cursor.position = start;
  draft.repeatable = !calls(cursor);
  cursor.position = start;
  if (cursor.seek('FROM')) {
    cursor.skip();
    const table = cursor.object('table');
    if (cursor.seek('FOR') && /^(?:UPDATE|SHARE|NO|KEY)$/.test(cursor.word(1))) {
      lock(draft, table, 'ROW SHARE', 'rows');
    }
  }
}

/** Whether a function may be called: a name right before a parenthesis that no grammar puts there. */
function calls(cursor: Cursor): boolean {
  for (; !cursor.atEnd; cursor.skip()) {
    if (cursor.peek(1)?.text !== '(') continue;
    const kind = cursor.peek()?.kind;
    if (kind === 'name' || (kind === 'word' && !BEFORE_PARENTHESES.has(cursor.word()))) return true;
  }
  return false;
}

const BEFORE_PARENTHESES = new Set(
  'SELECT FROM WHERE AND OR NOT IN AS EXISTS ON USING VALUES ALL ANY SOME OVER BY HAVING UNION EXCEPT INTERSECT THEN ELSE WHEN CASE LATERAL COUNT SUM MIN MAX AVG COALESCE'.split(
    ' ',
  ),
);
