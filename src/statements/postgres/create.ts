import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, touch, type Draft } from '../draft.js';
import type { ObjectName } from '../statement.js';
import { objectKind } from './object-kind.js';

/** CREATE of anything. */
export function classifyCreate(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  const replace = cursor.take('OR', 'REPLACE');
  cursor.takeAny('GLOBAL', 'LOCAL');
  draft.temporary = cursor.takeAny('TEMP', 'TEMPORARY') !== null;
  cursor.takeAny('UNLOGGED', 'TRUSTED');
  const unique = cursor.take('UNIQUE');
  const found = objectKind(cursor);
  if (found === null) return;
  const { kind, words } = found;
  if (kind === 'index') {
    createIndex(draft, cursor, unique);
    return;
  }
  draft.repeatable = cursor.ifNotExists() || replace;
  switch (words) {
    case 'TABLE':
    case 'FOREIGN TABLE':
      createTable(draft, cursor);
      return;
    case 'TRIGGER':
    case 'CONSTRAINT TRIGGER': {
      const table = createOnTable(draft, cursor, 'trigger', 'ON');
      lock(draft, table, 'SHARE ROW EXCLUSIVE', 'metadata');
      return;
    }
    case 'POLICY': {
      const table = createOnTable(draft, cursor, 'policy', 'ON');
      lock(draft, table, 'ACCESS EXCLUSIVE', 'metadata');
      return;
    }
    case 'RULE': {
      const table = createOnTable(draft, cursor, 'rule', 'TO');
      lock(draft, table, 'ACCESS EXCLUSIVE', 'metadata');
      return;
    }
    case 'SCHEMA': {
      const name = cursor.take('AUTHORIZATION') ? cursor.object('schema') : cursor.object('schema');
      touch(draft, name);
      effect(draft, 'adds', name);
      return;
    }
    case 'STATISTICS': {
      effect(draft, 'adds', cursor.object('other'));
      if (cursor.seek('FROM')) {
        cursor.skip();
        lock(draft, cursor.object('table'), 'SHARE UPDATE EXCLUSIVE', 'metadata');
      }
      return;
    }
    case 'DATABASE':
    case 'TABLESPACE':
      draft.transactional = false;
      break;
    case 'SUBSCRIPTION':
      // It creates a replication slot, unless told not to, and that cannot be rolled back.
      draft.transactional = /\b(?:create_slot|connect)\s*=\s*(?:false|off|0|'false'|'off')/i.test(
        cursor.sql,
      );
      break;
    default:
  }
  const object = cursor.object(kind);
  touch(draft, object);
  effect(draft, 'adds', object);
  if (replace && kind === 'view') lock(draft, object, 'ACCESS EXCLUSIVE', 'metadata');
}

/** `name ... ON table`, or `TO table` for rules. */
function createOnTable(
  draft: Draft,
  cursor: Cursor,
  kind: 'trigger' | 'policy' | 'rule',
  before: 'ON' | 'TO',
): ObjectName | null {
  const name = cursor.identifier();
  if (!cursor.seek(before)) return null;
  cursor.skip();
  const table = cursor.object('table');
  if (table === null) return null;
  const object = partOf(table, kind, name);
  touch(draft, object);
  effect(draft, 'adds', object);
  return table;
}

function createIndex(draft: Draft, cursor: Cursor, unique: boolean): void {
  const concurrently = cursor.take('CONCURRENTLY');
  draft.repeatable = cursor.ifNotExists();
  const name = cursor.is('ON') ? null : cursor.identifier();
  if (!cursor.seek('ON')) return;
  cursor.skip();
  cursor.take('ONLY');
  const table = cursor.object('table');
  if (table === null) return;
  const index = partOf(table, 'index', name);
  touch(draft, index ?? table);
  effect(draft, 'adds', index ?? partOf(table, 'index', ''));
  lock(draft, table, concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', 'index build');
  if (concurrently) {
    draft.transactional = false;
    draft.concurrent = { verb: 'create index', index, table };
  } else {
    draft.onlineForm = unique ? 'CREATE UNIQUE INDEX CONCURRENTLY' : 'CREATE INDEX CONCURRENTLY';
  }
}

function createTable(draft: Draft, cursor: Cursor): void {
  const table = cursor.object('table');
  touch(draft, table);
  effect(draft, 'adds', table);
  const body = cursor.position;
  if (cursor.take('PARTITION', 'OF')) {
    lock(draft, cursor.object('table'), 'ACCESS EXCLUSIVE', 'metadata');
  }
  cursor.position = body;
  // Foreign keys lock the tables they point to, which exist and are in use.
  for (; !cursor.atEnd; cursor.skip()) {
    if (!cursor.is('REFERENCES')) continue;
    cursor.skip();
    const target = cursor.object('table');
    if (target !== null && target.name !== table?.name) {
      lock(draft, target, 'SHARE ROW EXCLUSIVE', 'metadata');
    }
    cursor.position -= 1;
  }
}
