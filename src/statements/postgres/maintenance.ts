import type { Cursor } from '../cursor.js';
import { lock, touch, type Draft } from '../draft.js';
import type { ObjectName } from '../statement.js';

/** VACUUM, ANALYZE, REINDEX, CLUSTER, REFRESH MATERIALIZED VIEW, LOCK TABLE. */
export function classifyMaintenance(draft: Draft, cursor: Cursor): void {
  draft.category = 'other';
  draft.repeatable = true;
  const verb = cursor.word();
  cursor.skip();
  switch (verb) {
    case 'VACUUM':
      classifyVacuum(draft, cursor);
      return;
    case 'REINDEX':
      classifyReindex(draft, cursor);
      return;
    case 'CLUSTER': {
      cursor.skipParentheses();
      cursor.take('VERBOSE');
      const table = cursor.object('table');
      // Without a table it goes through all of them, in a transaction each.
      draft.transactional = table !== null;
      lock(draft, table, 'ACCESS EXCLUSIVE', 'rewrite');
      return;
    }
    case 'REFRESH': {
      cursor.take('MATERIALIZED', 'VIEW');
      const concurrently = cursor.take('CONCURRENTLY');
      const view = cursor.object('materialized view');
      lock(draft, view, concurrently ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE', 'rewrite');
      if (!concurrently) draft.onlineForm = 'REFRESH MATERIALIZED VIEW CONCURRENTLY';
      return;
    }
    case 'LOCK':
      classifyLock(draft, cursor);
      return;
    default:
      cursor.skipParentheses();
      cursor.take('VERBOSE');
      for (const table of tables(cursor)) lock(draft, table, 'SHARE UPDATE EXCLUSIVE', 'scan');
  }
}

function classifyVacuum(draft: Draft, cursor: Cursor): void {
  draft.transactional = false;
  let full = false;
  if (cursor.isText('(')) {
    const start = cursor.position;
    cursor.skipParentheses();
    const end = cursor.position;
    for (cursor.position = start; cursor.position < end; cursor.skip()) {
      if (cursor.is('FULL')) full = !/^(?:false|off|0)$/i.test(cursor.peek(1)?.text ?? '');
    }
  }
  for (let option = vacuumOption(cursor); option !== null; option = vacuumOption(cursor)) {
    if (option === 'FULL') full = true;
  }
  for (const table of tables(cursor)) {
    if (full) lock(draft, table, 'ACCESS EXCLUSIVE', 'rewrite');
    else lock(draft, table, 'SHARE UPDATE EXCLUSIVE', 'scan');
  }
}

function vacuumOption(cursor: Cursor): string | null {
  return cursor.takeAny('FULL', 'FREEZE', 'VERBOSE', 'ANALYZE', 'ANALYSE');
}

function tables(cursor: Cursor): ObjectName[] {
  return cursor.objects('table', () => cursor.skipParentheses());
}

function classifyReindex(draft: Draft, cursor: Cursor): void {
  let concurrently = false;
  if (cursor.isText('(')) {
    const start = cursor.position;
    cursor.skipParentheses();
    const end = cursor.position;
    for (cursor.position = start; cursor.position < end; cursor.skip()) {
      if (cursor.is('CONCURRENTLY')) {
        concurrently = !/^(?:false|off|0)$/i.test(cursor.peek(1)?.text ?? '');
      }
    }
  }
  const what = cursor.takeAny('INDEX', 'TABLE', 'SCHEMA', 'DATABASE', 'SYSTEM');
  if (cursor.take('CONCURRENTLY')) concurrently = true;
  if (what === 'SCHEMA' || what === 'DATABASE' || what === 'SYSTEM') draft.transactional = false;
  else if (!concurrently) draft.onlineForm = `REINDEX ${what ?? 'TABLE'} CONCURRENTLY`;
  const object =
    what === 'INDEX' || what === 'TABLE'
      ? cursor.object(what === 'INDEX' ? 'index' : 'table')
      : null;
  if (concurrently) {
    draft.transactional = false;
    draft.concurrent = {
      verb: 'reindex',
      index: what === 'INDEX' ? object : null,
      table: what === 'TABLE' ? object : null,
    };
    lock(draft, object, 'SHARE UPDATE EXCLUSIVE', 'index build');
  } else if (what === 'INDEX') lock(draft, object, 'ACCESS EXCLUSIVE', 'index build');
  else lock(draft, object, 'SHARE', 'index build');
  touch(draft, object);
}

function classifyLock(draft: Draft, cursor: Cursor): void {
  cursor.take('TABLE');
  cursor.take('ONLY');
  const tables = cursor.objects('table', () => {
    if (cursor.isText('*')) cursor.skip();
  });
  let mode = 'ACCESS EXCLUSIVE';
  if (cursor.take('IN')) {
    const words: string[] = [];
    while (cursor.word() !== '' && cursor.word() !== 'MODE') {
      words.push(cursor.word());
      cursor.skip();
    }
    if (MODES.has(words.join(' '))) mode = words.join(' ');
  }
  for (const table of tables) lock(draft, table, mode, 'metadata');
}

const MODES = new Set([
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]);
