import type { Cursor } from '../cursor.js';
import type { Draft } from '../draft.js';

/** Measured on MySQL 9.7 and MariaDB 10.11: the next START TRANSACTION, which our ledger's writes begin with, gives the lock away. */
const TABLE_LOCK = {
  reason:
    'its lock would be gone before the next statement, because writing down how far the migration is releases it',
  remedy:
    'Delete LOCK TABLES and UNLOCK TABLES; rows that must stay as they are meanwhile are held by START TRANSACTION, SELECT ... FOR UPDATE, the changes and COMMIT',
};

/** These outlive START TRANSACTION: the ledger's own writes fail with 1223 or 1100, half-way through the file (measured on the same). */
const READ_LOCK = {
  reason: 'its read lock would keep the migration from writing down how far it is',
  remedy: 'Delete it: backups and exports are taken outside of migrations',
};

/**
 * Refuses what locks tables for the whole session. `LOCK INSTANCE FOR BACKUP` keeps nobody from writing rows and may stay;
 * `UNLOCK TABLES` alone does nothing.
 */
export function refuseTableLocks(draft: Draft, cursor: Cursor): void {
  const refusal = sessionLock(cursor);
  if (refusal !== null) draft.refusal = refusal;
}

function sessionLock(cursor: Cursor): Draft['refusal'] {
  switch (cursor.word()) {
    case 'LOCK':
      return cursor.word(1) === 'TABLE' || cursor.word(1) === 'TABLES' ? TABLE_LOCK : null;
    case 'BACKUP': // MariaDB
      return cursor.word(1) === 'LOCK' || cursor.word(1) === 'STAGE' ? READ_LOCK : null;
    case 'FLUSH':
      cursor.seek('WITH', 'FOR');
      return cursor.is('WITH', 'READ', 'LOCK') || cursor.is('FOR', 'EXPORT') ? READ_LOCK : null;
    default:
      return null;
  }
}
