import { readdirSync, readFileSync, type Dirent } from 'node:fs';
import { join, resolve } from 'node:path';
import { MigratorError } from '../errors.js';
import type { Finding } from '../run-events.js';
import { migrationFolders, readFolderLayout } from './folder-layout.js';
import { JOURNAL_FILE, readJournalLayout } from './journal-layout.js';
import type { Journal, JournalLayout, Migration } from './journal.js';
import { isManifestPath, journalOfManifest, readManifest } from './manifest.js';
import { isAbsent } from './migration-file.js';
import { timeFindings } from './time-findings.js';

/**
 * Reads what this build ships: a Drizzle Kit folder of either layout, or the manifest of one. Synchronous, because for hundreds of small files that is the fastest way there is.
 *
 * @param folder path of the folder; relative paths count from the working directory
 * @param configured the path as the user wrote it, for messages. @default folder
 * @param nowMs this host's time, to notice migrations that are dated in the future. @default Date.now()
 * @throws {MigratorError} `JOURNAL_NOT_FOUND`, `JOURNAL_EMPTY`, `JOURNAL_MALFORMED`, `JOURNAL_FILE_MISSING`, `JOURNAL_MIXED_LAYOUT`, `JOURNAL_DUPLICATE_TAG`, `JOURNAL_BAD_NAME`
 */
export function loadJournal(
  folder: string,
  configured: string = folder,
  nowMs: number = Date.now(),
): Journal {
  const absolute = resolve(folder);
  if (isManifestPath(absolute))
    return journalOfManifest(readManifest(absolute, configured), configured);
  const listing = list(absolute);
  const directories = listing.filter((entry) => !entry.isFile()).map((entry) => entry.name);
  const files = listing.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const text = journalText(absolute, directories);
  const found = migrationFolders(
    absolute,
    directories.filter((name) => name !== 'meta'),
  );
  if (text !== null && found.size > 0) throw mixedLayout(configured, [...found.keys()]);

  const layout: JournalLayout = text === null ? 'folder' : 'journal';
  if (text === null && found.size === 0) throw notAJournal(absolute, directories, files);
  const migrations =
    text === null
      ? readFolderLayout(absolute, configured, found)
      : readJournalLayout(absolute, configured, text, new Set(files));
  refuseDuplicates(migrations, configured);
  return {
    layout,
    folder: configured,
    migrations,
    findings: [
      ...orphanFindings(layout, configured, files, migrations),
      ...timeFindings(migrations, nowMs),
    ],
  };
}

function list(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw new MigratorError('JOURNAL_NOT_FOUND', {
      message: `There is no migrations folder at ${folder}.`,
      remedy:
        'Set `migrations` (or `out` in drizzle.config.ts, or --migrations) to the Drizzle Kit folder, or make it: npx drizzle-kit generate. In an image, copy that folder beside dist/.',
      state: 'Nothing was changed.',
      details: { folder },
      cause,
    });
  }
}

function journalText(folder: string, directories: readonly string[]): string | null {
  if (!directories.includes('meta')) return null;
  try {
    return readFileSync(join(folder, JOURNAL_FILE), 'utf8');
  } catch (cause) {
    if (isAbsent(cause)) return null;
    throw new MigratorError('JOURNAL_NOT_FOUND', {
      message: `The journal ${join(folder, JOURNAL_FILE)} cannot be read.`,
      remedy: 'Give this process the right to read the migrations folder.',
      state: 'Nothing was changed.',
      cause,
    });
  }
}

function notAJournal(
  folder: string,
  directories: readonly string[],
  files: readonly string[],
): MigratorError {
  const inside = directories.filter((name) => journalText(join(folder, name), ['meta']) !== null);
  const hint =
    inside.length > 0
      ? `Did you mean ${inside.map((name) => join(folder, name)).join(' or ')}?`
      : 'Run `npx drizzle-kit generate`, or point `migrations` at the folder that has the migrations.';
  const empty = directories.length === 0 && files.length === 0;
  return new MigratorError(empty ? 'JOURNAL_EMPTY' : 'JOURNAL_NOT_FOUND', {
    message: empty
      ? `The migrations folder ${folder} is empty.`
      : `The folder ${folder} is no Drizzle Kit folder: it has neither meta/_journal.json nor <timestamp>_<name>/migration.sql.`,
    remedy: hint,
    state: 'Nothing was changed.',
    details: { folder },
  });
}

function mixedLayout(configured: string, folders: readonly string[]): MigratorError {
  return new MigratorError('JOURNAL_MIXED_LAYOUT', {
    message: `${configured} has meta/_journal.json and ${folders.length} migration folder(s) of the 1.x layout as well: a \`drizzle-kit up\` that was not finished.`,
    remedy:
      'Finish it with `npx drizzle-kit up` of drizzle-kit 1.x, or delete the new folders, and commit one of the two.',
    place: { file: join(configured, JOURNAL_FILE) },
    state: 'Nothing was changed.',
    details: { folders: folders.slice(0, 10) },
  });
}

function refuseDuplicates(migrations: readonly Migration[], configured: string): void {
  const seen = new Map<string, number>();
  for (const { tag, position, file } of migrations) {
    const earlier = seen.get(tag);
    if (earlier !== undefined) {
      throw new MigratorError('JOURNAL_DUPLICATE_TAG', {
        message: `The journal lists migration ${tag} twice, at positions ${earlier} and ${position}.`,
        remedy: `Take one of the two entries out of ${join(configured, JOURNAL_FILE)}; a merge usually leaves them.`,
        place: { migration: tag, file },
        state: 'Nothing was changed.',
      });
    }
    seen.set(tag, position);
  }
}

/** Files that nobody will run. Down files belong to their migration. */
function orphanFindings(
  layout: JournalLayout,
  configured: string,
  files: readonly string[],
  migrations: readonly Migration[],
): readonly Finding[] {
  const own = new Set(
    layout === 'journal' ? migrations.map(({ tag }) => `${tag}.sql`) : ([] as const),
  );
  return files
    .filter((name) => name.endsWith('.sql') && !name.endsWith('.down.sql') && !own.has(name))
    .map((name) => ({
      code: 'orphan-file',
      severity: 'warning' as const,
      message: `${name} stands in the folder and in no journal entry: it is never run, as under drizzle-kit.`,
      file: join(configured, name),
    }));
}
