import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, tableOf, touch, type Draft } from '../draft.js';
import type { ObjectName, SchemaEffect } from '../statement.js';
import { objectKind } from './object-kind.js';

/** What older builds live on with when it is gone; everything else that is dropped they may still use. */
const RELAXATIONS: ReadonlySet<ObjectName['kind']> = new Set([
  'index',
  'trigger',
  'policy',
  'rule',
  'constraint',
  'event',
  'publication',
]);

/** Whether a drop takes something away that older builds use (DESIGN 4). */
function effectOfDrop(kind: ObjectName['kind']): SchemaEffect['effect'] {
  return RELAXATIONS.has(kind) ? 'relaxes' : 'removes';
}

/** DROP of anything. */
export function classifyDrop(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  if (cursor.take('OWNED')) return;
  const found = objectKind(cursor);
  if (found === null) return;
  const { kind, words } = found;
  const concurrently = cursor.take('CONCURRENTLY');
  draft.repeatable = cursor.ifExists();
  if (words === 'DATABASE' || words === 'TABLESPACE' || words === 'SUBSCRIPTION') {
    draft.transactional = false;
  }

  if (kind === 'trigger' || kind === 'policy' || kind === 'rule') {
    const name = cursor.identifier();
    const table = cursor.take('ON') ? cursor.object('table') : null;
    const object = table === null ? plain(kind, name) : partOf(table, kind, name);
    touch(draft, object);
    effect(draft, 'relaxes', object);
    lock(draft, object === null ? null : tableOf(object), 'ACCESS EXCLUSIVE', 'metadata');
    return;
  }

  const objects = cursor.objects(kind, () => cursor.skipParentheses());
  for (const object of objects) {
    touch(draft, object);
    effect(draft, words === 'STATISTICS' ? 'relaxes' : effectOfDrop(kind), object);
    if (kind === 'index') {
      lock(draft, object, concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE', 'metadata');
    } else if (kind === 'table' || kind === 'view' || kind === 'materialized view') {
      lock(draft, object, 'ACCESS EXCLUSIVE', 'metadata');
    }
  }
  if (kind === 'index') {
    if (concurrently) {
      draft.transactional = false;
      draft.concurrent = { verb: 'drop index', index: objects[0] ?? null, table: null };
    } else draft.onlineForm = 'DROP INDEX CONCURRENTLY';
  }
}

function plain(kind: ObjectName['kind'], name: string | null): ObjectName | null {
  return name === null ? null : { kind, schema: null, name };
}
