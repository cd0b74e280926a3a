import type { Cursor } from '../cursor.js';
import { lock, type Draft } from '../draft.js';

const WRITERS = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE'];
const MODIFIERS = ['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE'];

/** What reads and writes rows, and what is left. All of it takes part in a transaction. */
export function classifyRows(draft: Draft, cursor: Cursor): void {
  while (cursor.isText('(')) cursor.skip();
  const verb = cursor.word();
  switch (verb) {
    case 'INSERT':
    case 'REPLACE':
    case 'UPDATE':
    case 'DELETE': {
      draft.category = 'dml';
      cursor.skip();
      while (cursor.takeAny(...MODIFIERS) !== null);
      cursor.takeAny('INTO', 'FROM');
      lock(draft, cursor.object('table'), 'NONE', 'rows');
      return;
    }
    case 'WITH': {
      // The verb is the first one outside the parentheses of the common table expressions.
      if (!cursor.seek('SELECT', 'TABLE', 'VALUES', ...WRITERS)) return;
      classifyRows(draft, cursor);
      return;
    }
    case 'LOAD': {
      if (cursor.word(1) === 'INDEX') {
        draft.transactional = false;
        return;
      }
      draft.category = 'dml';
      if (cursor.seek('INTO') && cursor.take('INTO', 'TABLE')) {
        lock(draft, cursor.object('table'), 'NONE', 'rows');
      }
      return;
    }
    case 'SELECT':
    case 'VALUES':
    case 'TABLE':
    case 'SHOW':
    case 'EXPLAIN':
    case 'DESCRIBE':
    case 'DESC':
    case 'DO':
    case 'HANDLER':
    case 'HELP':
      draft.category = 'query';
      draft.repeatable =
        verb === 'SHOW' || verb === 'DESCRIBE' || verb === 'DESC' || verb === 'HELP';
      return;
    default:
  }
}
