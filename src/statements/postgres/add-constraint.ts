import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, type Draft } from '../draft.js';
import type { LockTaken, ObjectName } from '../statement.js';

/**
 * `ADD [CONSTRAINT name] CHECK | UNIQUE | PRIMARY KEY | FOREIGN KEY | EXCLUDE | NOT NULL`.
 * All but NOT NULL count as additions: this build may need them, as ON CONFLICT does (DESIGN 4).
 */
export function addConstraint(draft: Draft, cursor: Cursor, table: ObjectName): void {
  const name = cursor.take('CONSTRAINT') ? cursor.identifier() : null;
  const constraint = partOf(table, 'constraint', name ?? '');
  const start = cursor.position;
  const end = cursor.skipToComma();
  cursor.position = start;
  const notValid = validLater(cursor, end);
  cursor.position = start;
  const exclusive = (work: LockTaken['work']): void => lock(draft, table, 'ACCESS EXCLUSIVE', work);

  if (cursor.take('NOT', 'NULL')) {
    effect(draft, 'tightens', partOf(table, 'column', cursor.identifier()));
    exclusive(notValid ? 'metadata' : 'scan');
    return;
  }
  effect(draft, 'adds', constraint);
  if (cursor.is('FOREIGN')) {
    const work = notValid ? 'metadata' : 'scan';
    lock(draft, table, 'SHARE ROW EXCLUSIVE', work);
    if (cursor.seek('REFERENCES')) {
      cursor.skip();
      lock(draft, cursor.object('table'), 'SHARE ROW EXCLUSIVE', work);
    }
    if (!notValid) draft.onlineForm = 'NOT VALID, then VALIDATE CONSTRAINT';
  } else if (cursor.is('CHECK')) {
    exclusive(notValid ? 'metadata' : 'scan');
    if (!notValid) draft.onlineForm = 'NOT VALID, then VALIDATE CONSTRAINT';
  } else if (cursor.has(end, 'USING') && usingIndex(cursor, end)) {
    exclusive('metadata');
  } else {
    exclusive('index build');
    if (cursor.is('UNIQUE'))
      draft.onlineForm = 'CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT USING INDEX';
  }
}

function validLater(cursor: Cursor, end: number): boolean {
  for (; cursor.position < end; cursor.skip()) if (cursor.is('NOT', 'VALID')) return true;
  return false;
}

/** `UNIQUE USING INDEX name`; EXCLUDE has another USING, and `USING INDEX TABLESPACE` is none. */
function usingIndex(cursor: Cursor, end: number): boolean {
  const start = cursor.position;
  let found = false;
  for (; cursor.position < end && !found; cursor.skip()) {
    found = cursor.is('USING', 'INDEX') && cursor.word(2) !== 'TABLESPACE';
  }
  cursor.position = start;
  return found;
}
