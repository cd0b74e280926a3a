import type { Classification } from '../statements/statement.js';

/**
 * Whether a statement of which nobody knows if it took effect may simply be sent again. Either that gives the same end state, or it looks at what it finds:
 * building and dropping an index CONCURRENTLY under a name of its own does (postgres/concurrent-index.ts), detaching a partition does not.
 */
export function repeatsSafely({ concurrent, repeatable }: Classification): boolean {
  if (repeatable) return true;
  if (concurrent === null) return false;
  switch (concurrent.verb) {
    case 'create index':
    case 'drop index':
      // A second build of an index without a name is a second index.
      return concurrent.index !== null;
    case 'reindex':
      return true;
    case 'detach partition':
      return false;
  }
}

/**
 * Whether it may take effect in part: stored code that commits by itself. Then an error, a cancel or a time-out does not say that nothing
 * happened, and what happened before it must not happen again.
 */
export function takesEffectInParts({ category }: Classification): boolean {
  return category === 'call';
}
