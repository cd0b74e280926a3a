import type { Cursor } from './cursor.js';
import type { Draft } from './draft.js';

const ROLLBACK = {
  reason: 'ROLLBACK would undo work that the ledger then records as done',
  remedy: 'Delete it: a migration that fails is rolled back as far as the database allows',
};
const TWO_PHASE = {
  reason: 'a prepared transaction would outlive the migration and keep its locks',
  remedy: 'Delete it: the migration is committed together with its ledger row',
};

/** Transaction control, which both dialects write alike. False if the statement is something else. */
export function classifyControl(draft: Draft, cursor: Cursor): boolean {
  const postgres = cursor.dialect === 'postgresql';
  switch (cursor.word()) {
    case 'BEGIN':
      // MariaDB's BEGIN NOT ATOMIC is a compound statement.
      if (cursor.word(1) === 'NOT') return false;
      return control(draft, 'begin');
    case 'START':
      return cursor.word(1) === 'TRANSACTION' && control(draft, 'begin');
    case 'END':
      return postgres && control(draft, chains(cursor) ? 'commit-chain' : 'commit');
    case 'COMMIT':
      if (cursor.word(1) === 'PREPARED') return preparedTransaction(draft);
      return control(draft, chains(cursor) ? 'commit-chain' : 'commit');
    case 'ABORT':
    case 'ROLLBACK': {
      if (cursor.word() === 'ABORT' && !postgres) return false;
      if (cursor.word(1) === 'PREPARED') return preparedTransaction(draft);
      const noise = cursor.word(1) === 'WORK' || cursor.word(1) === 'TRANSACTION' ? 2 : 1;
      if (cursor.word(noise) === 'TO') return control(draft, 'savepoint');
      draft.refusal = ROLLBACK;
      return control(draft, 'rollback');
    }
    case 'SAVEPOINT':
      return control(draft, 'savepoint');
    case 'RELEASE':
      return control(draft, 'savepoint');
    case 'PREPARE':
      if (cursor.word(1) !== 'TRANSACTION' || !postgres) return false;
      draft.refusal = TWO_PHASE;
      return control(draft, 'prepare');
    case 'XA':
      if (postgres) return false;
      draft.refusal = TWO_PHASE;
      return control(draft, 'prepare');
    default:
      return false;
  }
}

function control(draft: Draft, which: Draft['control']): boolean {
  draft.control = which;
  draft.category = 'control';
  return true;
}

function preparedTransaction(draft: Draft): boolean {
  draft.category = 'other';
  draft.transactional = false;
  return true;
}

/** `COMMIT AND CHAIN`, but not `AND NO CHAIN`. */
function chains(cursor: Cursor): boolean {
  const noise = cursor.word(1) === 'WORK' || cursor.word(1) === 'TRANSACTION' ? 2 : 1;
  return cursor.word(noise) === 'AND' && cursor.word(noise + 1) === 'CHAIN';
}
