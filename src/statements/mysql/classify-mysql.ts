import type { Cursor } from '../cursor.js';
import { effect, lock, touch, type Draft } from '../draft.js';
import type { ObjectName } from '../statement.js';
import { alterTable } from './alter-table.js';
import { classifyCreate } from './create.js';
import { classifyDrop } from './drop.js';
import { classifyRows } from './rows.js';
import { refuseTableLocks } from './table-locks.js';

/**
 * A MySQL or MariaDB statement, by its first keyword. `transactional` is false for what commits implicitly.
 * Source: MySQL manual, Statements That Cause an Implicit Commit; MariaDB knowledge base, SQL statements That Cause an Implicit Commit.
 */
export function classifyMysql(draft: Draft, cursor: Cursor): void {
  const verb = cursor.word();
  switch (verb) {
    case 'CREATE':
      ddl(draft);
      classifyCreate(draft, cursor);
      return;
    case 'DROP':
      ddl(draft);
      classifyDrop(draft, cursor);
      return;
    case 'ALTER':
      ddl(draft);
      classifyAlter(draft, cursor);
      return;
    case 'RENAME':
      ddl(draft);
      classifyRename(draft, cursor);
      return;
    case 'TRUNCATE': {
      // No definition shows whether it took effect, and a second one takes rows that came after the first.
      ddl(draft);
      cursor.skip();
      cursor.take('TABLE');
      lock(draft, cursor.object('table'), 'EXCLUSIVE', 'metadata');
      return;
    }
    case 'GRANT':
    case 'REVOKE':
      ddl(draft);
      draft.repeatable = true;
      return;
    case 'INSTALL':
    case 'UNINSTALL':
    case 'IMPORT':
      ddl(draft);
      return;
    case 'ANALYZE':
    case 'CHECK':
    case 'OPTIMIZE':
    case 'REPAIR':
    case 'CACHE':
    case 'FLUSH':
    case 'RESET':
    case 'LOCK':
    case 'UNLOCK':
    case 'BACKUP':
      draft.category = 'other';
      draft.transactional = false;
      draft.repeatable = true;
      refuseTableLocks(draft, cursor);
      return;
    case 'CHANGE':
    case 'STOP':
    case 'CLONE':
    case 'PURGE':
    case 'KILL':
    case 'SHUTDOWN':
    case 'START':
      draft.category = 'other';
      draft.transactional = false;
      return;
    case 'SET':
      classifySet(draft, cursor);
      return;
    case 'USE':
      draft.category = 'setting';
      draft.repeatable = true;
      return;
    case 'PREPARE':
    case 'DEALLOCATE':
      draft.category = 'setting';
      return;
    case 'CALL':
    case 'EXECUTE':
    case 'BEGIN':
      // What they run is not in sight, and may commit. BEGIN is MariaDB's BEGIN NOT ATOMIC here.
      draft.category = 'call';
      draft.transactional = false;
      return;
    default:
      classifyRows(draft, cursor);
  }
}

function ddl(draft: Draft): void {
  draft.category = 'ddl';
  draft.transactional = false;
}

function classifySet(draft: Draft, cursor: Cursor): void {
  draft.category = 'setting';
  draft.repeatable = true;
  cursor.skip();
  if (cursor.is('PASSWORD') || cursor.is('DEFAULT', 'ROLE')) {
    ddl(draft);
    return;
  }
  // Switching autocommit on commits.
  draft.transactional = !/\bautocommit\b/i.test(cursor.sql);
}

function classifyAlter(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  cursor.takeAny('ONLINE', 'OFFLINE');
  cursor.take('IGNORE');
  if (cursor.take('TABLE')) {
    alterTable(draft, cursor);
    return;
  }
  // ALTER [ALGORITHM =] [DEFINER =] [SQL SECURITY] VIEW | EVENT | FUNCTION | PROCEDURE
  const kind = KINDS.find(([word]) => cursor.has(Infinity, word));
  if (kind === undefined) return;
  if (!cursor.seek(kind[0])) return;
  cursor.skip();
  cursor.ifExists();
  const object = cursor.object(kind[1]);
  if (kind[1] !== 'role') touch(draft, object);
  // ALTER VIEW replaces the whole view; ALTER EVENT may rename.
  effect(draft, 'neutral', object);
}

const KINDS: readonly (readonly [string, ObjectName['kind']])[] = [
  ['USER', 'role'],
  ['VIEW', 'view'],
  ['EVENT', 'event'],
  ['FUNCTION', 'function'],
  ['PROCEDURE', 'procedure'],
  ['SEQUENCE', 'sequence'],
  ['DATABASE', 'database'],
  ['SCHEMA', 'database'],
];

/** `RENAME TABLE a TO b [, c TO d]`: both names of each pair tell whether it took effect. */
function classifyRename(draft: Draft, cursor: Cursor): void {
  cursor.skip();
  if (cursor.takeAny('TABLE', 'TABLES') === null) return;
  cursor.ifExists();
  do {
    const from = cursor.object('table');
    cursor.takeAny('WAIT', 'NOWAIT');
    cursor.take('TO');
    const to = cursor.object('table');
    touch(draft, from, to);
    effect(draft, 'renames', from);
    lock(draft, from, 'EXCLUSIVE', 'metadata');
  } while (cursor.takeText(','));
}
