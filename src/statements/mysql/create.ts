import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, touch, type Draft } from '../draft.js';
import type { ObjectName } from '../statement.js';

/** Kinds of object in the order in which they are looked for: a header names one of them, and only one. */
const KINDS: readonly (readonly [string, ObjectName['kind']])[] = [
  ['TABLE', 'table'],
  ['INDEX', 'index'],
  ['VIEW', 'view'],
  ['TRIGGER', 'trigger'],
  ['PROCEDURE', 'procedure'],
  ['FUNCTION', 'function'],
  ['EVENT', 'event'],
  ['SEQUENCE', 'sequence'],
  ['DATABASE', 'database'],
  ['SCHEMA', 'database'],
  ['USER', 'role'],
  ['ROLE', 'role'],
];
/** Header words before the kind: modifiers, ALGORITHM and SQL SECURITY of views; what belongs to DEFINER is skipped word by word. */
const HEADER_TOKENS = 24;

/** CREATE of anything. The header may carry OR REPLACE, TEMPORARY, DEFINER, ALGORITHM, SQL SECURITY, UNIQUE ... in front of the kind. */
export function classifyCreate(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  const replace = cursor.take('OR', 'REPLACE');
  const found = findKind(draft, cursor);
  if (found === null) return;
  const { kind, unusual } = found;
  draft.repeatable = cursor.ifNotExists() || replace;
  if (kind === 'index') {
    createIndex(draft, cursor, unusual);
    return;
  }
  const object = cursor.object(kind);
  if (kind === 'role') return;
  if (kind === 'trigger') {
    createTrigger(draft, cursor, object);
    return;
  }
  touch(draft, object);
  effect(draft, 'adds', object);
  if (kind !== 'table') return;
  // CREATE TEMPORARY TABLE commits nothing (but cannot be rolled back either).
  if (draft.temporary) draft.transactional = true;
  // The referenced tables' definitions are locked for a moment only.
  for (; !cursor.atEnd; cursor.skip()) {
    if (!cursor.is('REFERENCES')) continue;
    cursor.skip();
    const target = cursor.object('table');
    if (target !== null && target.name !== object?.name) lock(draft, target, 'SHARED', 'metadata');
    cursor.position -= 1;
  }
}

/** Goes to behind the word that says what is created. */
function findKind(
  draft: Draft,
  cursor: Cursor,
): { kind: ObjectName['kind']; unusual: boolean } | null {
  let unusual = false;
  for (let count = 0; count < HEADER_TOKENS && !cursor.atEnd; count += 1) {
    const word = cursor.word();
    cursor.skip();
    if (word === 'TEMPORARY') draft.temporary = true;
    if (word === 'FULLTEXT' || word === 'SPATIAL' || word === 'VECTOR') unusual = true;
    if (word === 'SERVER' || word === 'TABLESPACE' || word === 'LOGFILE' || word === 'RESOURCE') {
      return null;
    }
    const kind = KINDS.find(([name]) => name === word);
    if (kind !== undefined) return { kind: kind[1], unusual };
  }
  return null;
}

function createIndex(draft: Draft, cursor: Cursor, unusual: boolean): void {
  const name = cursor.identifier();
  if (!cursor.seek('ON')) return;
  cursor.skip();
  const table = cursor.object('table');
  if (table === null) return;
  touch(draft, table);
  effect(draft, 'adds', partOf(table, 'index', name ?? ''));
  // FULLTEXT and SPATIAL indexes are built under a shared lock.
  lock(draft, table, unusual ? 'SHARED' : 'NONE', 'index build');
}

function createTrigger(draft: Draft, cursor: Cursor, trigger: ObjectName | null): void {
  if (trigger === null || !cursor.seek('ON')) return;
  cursor.skip();
  const table = cursor.object('table');
  if (table === null) return;
  const object: ObjectName = {
    ...trigger,
    table: { schema: table.schema, name: table.name },
  };
  touch(draft, object);
  effect(draft, 'adds', object);
  lock(draft, table, 'EXCLUSIVE', 'metadata');
}
