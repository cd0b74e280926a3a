import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, touch, type Draft } from '../draft.js';
import type { ObjectName, SchemaEffect } from '../statement.js';

const KINDS: Readonly<Record<string, readonly [ObjectName['kind'], SchemaEffect['effect']]>> = {
  TABLE: ['table', 'removes'],
  TABLES: ['table', 'removes'],
  VIEW: ['view', 'removes'],
  INDEX: ['index', 'relaxes'],
  TRIGGER: ['trigger', 'relaxes'],
  EVENT: ['event', 'relaxes'],
  PROCEDURE: ['procedure', 'removes'],
  FUNCTION: ['function', 'removes'],
  SEQUENCE: ['sequence', 'removes'],
  DATABASE: ['database', 'removes'],
  SCHEMA: ['database', 'removes'],
};

/** DROP of anything. */
export function classifyDrop(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  draft.temporary = cursor.take('TEMPORARY');
  if (draft.temporary) draft.transactional = true;
  if (cursor.is('PREPARE')) {
    draft.category = 'setting';
    draft.transactional = true;
    return;
  }
  const found = KINDS[cursor.word()];
  if (found === undefined) return;
  cursor.skip();
  draft.repeatable = cursor.ifExists();
  const [kind, what] = found;
  if (kind === 'index') {
    const name = cursor.identifier();
    if (!cursor.take('ON')) return;
    const table = cursor.object('table');
    if (table === null) return;
    touch(draft, table);
    effect(draft, what, partOf(table, 'index', name));
    lock(draft, table, 'NONE', 'metadata');
    return;
  }
  for (const object of cursor.objects(kind)) {
    touch(draft, object);
    effect(draft, what, object);
    if (kind === 'table' || kind === 'view') lock(draft, object, 'EXCLUSIVE', 'metadata');
  }
}
