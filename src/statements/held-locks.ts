import { objectKey } from './impact.js';
import type { ClassifiedStatement, LockTaken, ObjectName } from './statement.js';

/** A lock that an earlier statement of the same transaction took, and that lasts to its commit. */
export interface HeldLock {
  readonly object: ObjectName;
  readonly mode: string;
  /** Index of the statement that took it. */
  readonly since: number;
}

/** Locks held while a statement works or waits. */
export interface HeldLocks {
  /** Index of the statement that works or waits meanwhile. */
  readonly statement: number;
  /** Why it takes time: its most expensive work, `wait` for a lock that is not held yet, or `unknown` stored code. */
  readonly during: Exclude<LockTaken['work'], 'metadata'> | 'wait' | 'unknown';
  readonly held: readonly HeldLock[];
}

/** Postgres modes that keep writers, or readers too, out of a table (PostgreSQL manual, 13.3 Explicit Locking). */
const STRONG: ReadonlySet<string> = new Set([
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]);
const WORKS: readonly LockTaken['work'][] = [
  'metadata',
  'rows',
  'scan',
  'index build',
  'copy',
  'rewrite',
];

/**
 * Which strong locks are held while later statements of the same transaction scan, build, rewrite, write rows, run stored
 * code, or wait for another table or a stronger lock. A lock time-out counts each wait by itself and none of this (expand-contract.md 5).
 * Tables created in this transaction do not count: nobody else sees them.
 *
 * @param statements those of one transaction, in order
 * @returns one entry for each statement that makes others wait; none for a transaction that is over at once
 */
export function heldLocks(
  statements: readonly Pick<ClassifiedStatement, 'index' | 'is'>[],
): readonly HeldLocks[] {
  const found: HeldLocks[] = [];
  const held = new Map<string, HeldLock>();
  const created = new Set<string>();

  for (const { index, is } of statements) {
    const locks = is.locks.filter(({ object }) => !created.has(objectKey(object)));
    const during = reason(is.category, locks, held);
    if (during !== null && held.size > 0) {
      found.push({ statement: index, during, held: [...held.values()] });
    }
    for (const { object, mode } of locks) {
      const key = objectKey(object);
      if (!STRONG.has(mode)) continue;
      const before = held.get(key);
      if (before === undefined || STRENGTH.indexOf(mode) > STRENGTH.indexOf(before.mode)) {
        held.set(key, { object, mode, since: before?.since ?? index });
      }
    }
    for (const { effect, object } of is.effects) {
      if (effect === 'adds' && object.table === undefined) created.add(objectKey(object));
    }
  }
  return found;
}

const STRENGTH: readonly string[] = [...STRONG];

function reason(
  category: ClassifiedStatement['is']['category'],
  locks: readonly LockTaken[],
  held: ReadonlyMap<string, HeldLock>,
): HeldLocks['during'] | null {
  const work = WORKS[Math.max(0, ...locks.map((lock) => WORKS.indexOf(lock.work)))] ?? 'metadata';
  if (work !== 'metadata') return work;
  if (category === 'call') return 'unknown';
  // A lock that is already ours is there at once; one on another table, or a stronger one, may be waited for.
  return locks.some(({ object, mode }) => {
    const ours = held.get(objectKey(object));
    return ours === undefined || STRENGTH.indexOf(mode) > STRENGTH.indexOf(ours.mode);
  })
    ? 'wait'
    : null;
}
