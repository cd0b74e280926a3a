import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal, Migration } from '../journal/journal.js';
import type { Dialect } from '../statements/statement.js';
import { snapshotUnusable } from './down-errors.js';
import { emptySnapshot, ORIGIN, readSnapshot, type Snapshot } from './snapshot.js';

/** A snapshot and where it stands, as the folder was given; null = there is none before the first. */
export interface FoundSnapshot {
  readonly file: string | null;
  readonly snapshot: Snapshot;
}

/** What a migration started from, and what it came to. */
export interface SnapshotPair {
  readonly current: FoundSnapshot;
  readonly previous: FoundSnapshot;
}

/** Reads a file of the folder by its path in it; null = there is none. */
export type ReadSnapshotFile = (path: string) => string | null;

/**
 * The snapshots of a migration and of what it was made from: of the one before it that has any, or in 1.x of its parent, wherever that stands.
 *
 * @throws {MigratorError} `SNAPSHOT_UNUSABLE` when one is missing or unreadable, when the chain of ids is broken, or branches met in it
 */
export function findSnapshots(
  journal: Journal,
  migration: Migration,
  dialect: Dialect,
  read: ReadSnapshotFile,
): SnapshotPair {
  const path = snapshotPath(migration);
  const file = join(journal.folder, path);
  const place = { migration: migration.tag, file };
  const current = load(journal, migration, dialect, read);
  if (current === null)
    throw snapshotUnusable(
      `Migration ${migration.tag} has no snapshot ${file}: what it did to the schema cannot be told.`,
      'Restore it from version control, or write the down file by hand.',
      place,
    );
  const { parents, line } = current.snapshot;
  const [parent = ORIGIN, ...more] = parents;
  if (more.length > 0)
    throw snapshotUnusable(
      `The snapshot ${file} was made from ${parents.length} others, where branches met: which of them the way back leads to cannot be told.`,
      'Write the down file by hand.',
      place,
    );
  let earlier = 0;
  for (const candidate of journal.migrations.slice(0, migration.position).toReversed()) {
    const found = load(journal, candidate, dialect, read);
    if (found === null) continue;
    earlier += 1;
    if (found.snapshot.id === parent) {
      sameLine(current, found, place);
      return { current, previous: found };
    }
    // In 0.x the snapshots are one chain; in 1.x branches may stand side by side.
    if (line === '0.x') break;
  }
  const origin = parent === ORIGIN || parent === '';
  if (origin && (earlier === 0 || line === '1.x'))
    return { current, previous: { file: null, snapshot: emptySnapshot(current.snapshot) } };
  throw snapshotUnusable(
    `The chain of snapshots is broken at ${file}: it was not made from the one before it.`,
    'Run `npx drizzle-kit check`, generate the migration again after the one before it if it is applied nowhere, or write the down file by hand.',
    place,
  );
}

/** Where Drizzle Kit writes the snapshot of a migration, in its folder: 0.x names it by what the tag begins with. */
export function snapshotPath({ tag, layout }: Pick<Migration, 'tag' | 'layout'>): string {
  return layout === 'folder'
    ? join(tag, 'snapshot.json')
    : join('meta', `${tag.split('_', 1)[0]}_snapshot.json`);
}

/** Reads files of a folder. */
export function snapshotReader(folder: string): ReadSnapshotFile {
  return (path) => {
    try {
      return readFileSync(join(folder, path), 'utf8');
    } catch {
      return null; // said by the caller, with the path that is missing
    }
  };
}

function load(
  journal: Journal,
  migration: Migration,
  dialect: Dialect,
  read: ReadSnapshotFile,
): FoundSnapshot | null {
  const path = snapshotPath(migration);
  const text = read(path);
  if (text === null) return null;
  const file = join(journal.folder, path);
  const snapshot = readSnapshot(text, dialect);
  if (snapshot !== null) return { file, snapshot };
  throw snapshotUnusable(
    `${file} is no snapshot that Drizzle Kit wrote for ${dialect}.`,
    'Restore it from version control, or name the right dialect: --dialect postgresql or --dialect mysql.',
    { migration: migration.tag, file },
  );
}

function sameLine(
  current: FoundSnapshot,
  previous: FoundSnapshot,
  place: { readonly migration: string; readonly file: string },
): void {
  if (current.snapshot.json['version'] === previous.snapshot.json['version']) return;
  throw snapshotUnusable(
    `The snapshots ${previous.file} and ${current.file} are of two versions of Drizzle Kit's format.`,
    'Bring all of them to one: npx drizzle-kit up.',
    place,
  );
}
