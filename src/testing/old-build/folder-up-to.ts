import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MigratorError } from '../../errors.js';
import type { Journal } from '../../journal/journal.js';

/** A copy of a folder as it was when the tag was its last migration. */
export interface OlderFolder {
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * @param folder absolute path
 * @throws {MigratorError} `UNKNOWN_TAG`
 */
export async function folderUpTo(
  folder: string,
  { layout, migrations }: Pick<Journal, 'layout' | 'migrations'>,
  tag: string,
): Promise<OlderFolder> {
  const last = migrations.findIndex((migration) => migration.tag === tag);
  if (last < 0)
    throw new MigratorError('UNKNOWN_TAG', {
      message: `The folder has no migration ${tag}.`,
      state: 'Nothing was changed.',
      remedy: `Give the last migration of the previous release; the folder begins with ${migrations[0]?.tag ?? 'none'}.`,
    });
  const older = await mkdtemp(join(tmpdir(), 'nest-migrate-older-'));
  const remove = (): Promise<void> => rm(older, { recursive: true, force: true });
  try {
    await cp(folder, older, { recursive: true });
    const later = migrations.slice(last + 1).map((migration) => migration.tag);
    if (layout === 'journal') await cutJournal(older, new Set(later));
    for (const name of later)
      await rm(join(older, layout === 'journal' ? `${name}.sql` : name), { recursive: true });
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder: older, remove };
}

async function cutJournal(folder: string, later: ReadonlySet<string>): Promise<void> {
  const file = join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(await readFile(file, 'utf8')) as {
    readonly entries: readonly { readonly tag: string }[];
  };
  const entries = journal.entries.filter(({ tag }) => !later.has(tag));
  await writeFile(file, JSON.stringify({ ...journal, entries }));
}
