import type { Cursor } from '../cursor.js';
import { effect, lock, partOf, touch, type Draft } from '../draft.js';
import type { ObjectName } from '../statement.js';
import { alterTableAction } from './alter-table.js';
import { objectKind } from './object-kind.js';

/** ALTER of anything. */
export function classifyAlter(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  const found = objectKind(cursor);
  if (found === null) return;
  switch (found.words) {
    case 'TABLE':
    case 'FOREIGN TABLE':
      alterTable(draft, cursor);
      return;
    case 'SYSTEM':
      draft.transactional = false;
      draft.repeatable = true;
      return;
    case 'DATABASE': {
      const name = cursor.object('database');
      touch(draft, name);
      effect(draft, cursor.is('RENAME') ? 'renames' : 'neutral', name);
      // ALTER DATABASE ... SET TABLESPACE moves files.
      if (cursor.is('SET', 'TABLESPACE')) draft.transactional = false;
      draft.repeatable = cursor.is('SET') || cursor.is('RESET') || cursor.is('OWNER');
      return;
    }
    case 'SUBSCRIPTION':
      alterSubscription(draft, cursor);
      return;
    case 'TYPE':
      alterType(draft, cursor);
      return;
    case 'DOMAIN':
      alterDomain(draft, cursor);
      return;
    case 'DEFAULT PRIVILEGES':
      draft.repeatable = true;
      return;
    case 'TRIGGER':
    case 'POLICY':
    case 'RULE': {
      const kind = found.kind;
      const name = cursor.identifier();
      const table = cursor.take('ON') ? cursor.object('table') : null;
      const object = table === null ? null : partOf(table, kind, name);
      touch(draft, object);
      effect(draft, 'neutral', object);
      lock(draft, table, 'ACCESS EXCLUSIVE', 'metadata');
      return;
    }
    default:
      alterOther(draft, cursor, found.kind);
  }
}

function alterTable(draft: Draft, cursor: Cursor): void {
  if (cursor.is('ALL', 'IN')) return;
  cursor.ifExists();
  cursor.take('ONLY');
  const table = cursor.object('table');
  if (table === null) return;
  cursor.takeText('*');
  touch(draft, table);
  do {
    alterTableAction(draft, cursor, table);
    cursor.skipToComma();
  } while (cursor.takeText(','));
}

function alterType(draft: Draft, cursor: Cursor): void {
  const type = cursor.object('type');
  touch(draft, type);
  if (cursor.take('ADD', 'VALUE')) {
    draft.repeatable = cursor.ifNotExists();
    const value = cursor.peek();
    if (value?.kind === 'string') draft.enumValue = literal(value.text);
    effect(draft, 'adds', type);
  } else if (
    cursor.take('RENAME', 'ATTRIBUTE') ||
    cursor.is('RENAME') ||
    cursor.is('SET', 'SCHEMA')
  ) {
    effect(draft, 'renames', type);
  } else if (cursor.take('DROP', 'ATTRIBUTE')) effect(draft, 'removes', type);
  else if (cursor.take('ALTER', 'ATTRIBUTE')) effect(draft, 'retypes', type);
  else if (cursor.take('ADD', 'ATTRIBUTE')) effect(draft, 'adds', type);
  else effect(draft, 'neutral', type);
}

/** The value of a plain string literal. */
function literal(text: string): string {
  return text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'");
}

function alterDomain(draft: Draft, cursor: Cursor): void {
  const domain = cursor.object('domain');
  touch(draft, domain);
  if (cursor.is('RENAME', 'CONSTRAINT')) effect(draft, 'neutral', domain);
  else if (cursor.is('RENAME') || cursor.is('SET', 'SCHEMA')) effect(draft, 'renames', domain);
  else if (cursor.is('SET', 'NOT', 'NULL')) effect(draft, 'tightens', domain);
  else if (cursor.is('ADD')) effect(draft, 'adds', domain);
  else if (cursor.is('DROP')) effect(draft, 'relaxes', domain);
  else effect(draft, 'neutral', domain);
}

/** REFRESH, and changes of the list of publications that refresh by default, talk to the publisher. */
function alterSubscription(draft: Draft, cursor: Cursor): void {
  cursor.identifier();
  const refreshes =
    cursor.is('REFRESH') ||
    ((cursor.is('SET', 'PUBLICATION') ||
      cursor.is('ADD', 'PUBLICATION') ||
      cursor.is('DROP', 'PUBLICATION')) &&
      !/\brefresh\s*=\s*(?:false|off|0)/i.test(cursor.sql));
  draft.transactional = !refreshes;
}

function alterOther(draft: Draft, cursor: Cursor, kind: ObjectName['kind']): void {
  cursor.ifExists();
  const object = cursor.object(kind);
  cursor.skipParentheses();
  touch(draft, object);
  const moves = cursor.is('RENAME') || cursor.is('SET', 'SCHEMA');
  // Nothing asks for an index by its name.
  effect(
    draft,
    moves && kind !== 'index' && kind !== 'publication' ? 'renames' : 'neutral',
    object,
  );
  if (kind === 'index') lock(draft, object, 'SHARE UPDATE EXCLUSIVE', 'metadata');
  if (kind === 'view' || kind === 'materialized view')
    lock(draft, object, 'ACCESS EXCLUSIVE', 'metadata');
}
