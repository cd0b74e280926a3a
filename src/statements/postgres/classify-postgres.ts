import type { Cursor } from '../cursor.js';
import type { Draft } from '../draft.js';
import { classifyAlter } from './alter.js';
import { classifyCreate } from './create.js';
import { classifyDrop } from './drop.js';
import { classifyMaintenance } from './maintenance.js';
import { classifyRows } from './rows.js';

/** A Postgres statement, by its first keyword. Source: PostgreSQL manual, SQL Commands. */
export function classifyPostgres(draft: Draft, cursor: Cursor): void {
  const verb = cursor.word();
  switch (verb) {
    case 'CREATE':
      draft.category = 'ddl';
      classifyCreate(draft, cursor);
      return;
    case 'ALTER':
      draft.category = 'ddl';
      classifyAlter(draft, cursor);
      return;
    case 'DROP':
      draft.category = 'ddl';
      classifyDrop(draft, cursor);
      return;
    case 'COMMENT':
    case 'GRANT':
    case 'REVOKE':
    case 'SECURITY':
      draft.category = 'ddl';
      draft.repeatable = true;
      return;
    case 'IMPORT':
    case 'REASSIGN':
      draft.category = 'ddl';
      return;
    case 'SET':
    case 'RESET':
    case 'PREPARE':
    case 'DEALLOCATE':
      draft.category = 'setting';
      draft.repeatable = verb !== 'PREPARE' && verb !== 'DEALLOCATE';
      return;
    case 'DISCARD':
      classifyDiscard(draft, cursor);
      return;
    case 'CALL':
    case 'DO':
    case 'EXECUTE':
      draft.category = 'call';
      return;
    case 'VACUUM':
    case 'ANALYZE':
    case 'ANALYSE':
    case 'REINDEX':
    case 'CLUSTER':
    case 'REFRESH':
    case 'LOCK':
      classifyMaintenance(draft, cursor);
      return;
    default:
      classifyRows(draft, cursor);
  }
}

function classifyDiscard(draft: Draft, cursor: Cursor): void {
  draft.category = 'setting';
  draft.repeatable = true;
  if (cursor.word(1) !== 'ALL') return;
  draft.transactional = false;
  draft.refusal = {
    reason:
      'DISCARD ALL releases every advisory lock, the one that keeps a second runner out among them',
    remedy: 'Delete it: settings are reset after every migration',
  };
}
