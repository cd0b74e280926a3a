import type { Cursor } from './cursor.js';
import type { Draft } from './draft.js';

/** Functions that give away locks of the session, ours among them. */
const POSTGRES = /\bpg_advisory_unlock(?:_all|_shared)?\b/i;
const MYSQL = /\b(?:release_lock|release_all_locks)\b/i;

/**
 * Refuses calls that would release the migration lock. A cheap look at the text decides whether tokens are read at all;
 * a name inside a literal, such as a function body, is no call.
 */
export function refuseLockRelease(draft: Draft, cursor: Cursor): void {
  const names = cursor.dialect === 'postgresql' ? POSTGRES : MYSQL;
  if (draft.refusal !== null || !names.test(cursor.sql)) return;
  // A stored routine may release locks of its own when it is called; defining one releases nothing.
  if (cursor.word() === 'CREATE' || cursor.word() === 'DROP' || cursor.word() === 'ALTER') return;
  for (let offset = 0; ; offset += 1) {
    const token = cursor.peek(offset);
    if (token === undefined) return;
    if ((token.kind === 'word' || token.kind === 'name') && names.test(token.text)) {
      if (cursor.peek(offset + 1)?.text !== '(') continue;
      draft.refusal = {
        reason: 'it may release the lock that keeps a second runner out',
        remedy: 'Delete it: locks of the session end with the migration',
      };
      return;
    }
  }
}
