import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type WrittenJournal, writeJournal } from './write-journal.js';

/** The part of `meta/_journal.json` that counts. */
export interface JournalIndex {
  readonly dialect: 'postgresql' | 'mysql';
  readonly entries: readonly { readonly tag: string; readonly when: number }[];
}

/** Reads `meta/_journal.json` of a journal-layout folder. */
export async function readIndex(folder: string): Promise<JournalIndex> {
  return JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8')) as JournalIndex;
}

/**
 * The same migrations in the folder layout of Drizzle 1.x, as `drizzle-kit up` converts them: the file byte for byte, and `when` to the
 * second in the folder's name. Orphan files stay behind, as they do there.
 */
export async function toFolderLayout(folder: string): Promise<WrittenJournal> {
  const { entries, dialect } = await readIndex(folder);
  const migrations = await Promise.all(
    entries.map(async ({ tag, when }) => ({
      tag,
      when,
      sql: await readFile(join(folder, `${tag}.sql`)),
    })),
  );
  return writeJournal(migrations, { layout: 'folder', dialect });
}
