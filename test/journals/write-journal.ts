import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One migration of a test's folder. */
export interface JournalMigration {
  /** Journal layout: the file's name without `.sql`, such as `0001_orders`. Folder layout: the part after the timestamp. */
  readonly tag: string;
  /** The file, byte for byte when it is a buffer. */
  readonly sql: string | Uint8Array;
  /** `when` in milliseconds. @default 2026-01-01T00:00:00Z plus one minute a migration */
  readonly when?: number;
  /** Content of the down file beside it. @default none */
  readonly down?: string;
}

/** `journal`: 0.x `NNNN_tag.sql` + `meta/_journal.json`; `folder`: 1.x `<UTC>_name/migration.sql`. */
export type JournalLayout = 'journal' | 'folder';

/** A migration folder in a temporary directory. */
export interface WrittenJournal {
  /** What goes into `migrations:` or `migrationsFolder`. */
  readonly folder: string;
  /** The names in order: tags, or folder names in the folder layout. */
  readonly names: readonly string[];
  /** Appends migrations, as `drizzle-kit generate` would. */
  add(...migrations: readonly JournalMigration[]): Promise<void>;
  /** Overwrites the file of a migration that is there already; its journal entry stays. */
  edit(tag: string, sql: string | Uint8Array): Promise<void>;
  /** Overwrites, or makes, the down file of a migration. */
  editDown(tag: string, sql: string): Promise<void>;
  /** Deletes the folder. */
  remove(): Promise<void>;
}

/** Options of {@link writeJournal}. */
export interface WriteJournalOptions {
  /** @default 'journal' */
  readonly layout?: JournalLayout;
  /** As in drizzle.config.ts; written into `_journal.json`, which nobody reads. @default 'postgresql' */
  readonly dialect?: 'postgresql' | 'mysql';
  /** An empty or absent directory to write into. @default a new one under the system's temporary directory */
  readonly folder?: string;
}

const FIRST_WHEN = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

/** The name `drizzle-kit up` gives a migration in the folder layout: `<UTC of when as YYYYMMDDHHmmss>_<tag without its index>`. */
export function folderName(tag: string, when: number): string {
  const digits = new Date(when).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return `${digits}_${tag.replace(/^\d{4}_/, '')}`;
}

/**
 * Writes a Drizzle Kit folder for a test. The caller removes it.
 *
 * @example
 * const journal = await writeJournal([{ tag: '0000_init', sql: 'create table t (id int)' }]);
 * await journal.add({ tag: '0001_more', sql: 'create table u (id int)' });
 * await journal.remove();
 */
export async function writeJournal(
  migrations: readonly JournalMigration[],
  options: WriteJournalOptions = {},
): Promise<WrittenJournal> {
  const layout = options.layout ?? 'journal';
  const dialect = options.dialect ?? 'postgresql';
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'journal-')));
  const written: { readonly tag: string; readonly when: number; readonly name: string }[] = [];

  const fileOf = (name: string, kind: 'up' | 'down'): string =>
    layout === 'journal'
      ? join(folder, kind === 'up' ? `${name}.sql` : `${name}.down.sql`)
      : join(folder, name, kind === 'up' ? 'migration.sql' : 'down.sql');

  const writeIndex = async (): Promise<void> => {
    if (layout === 'folder') return;
    const entries = written.map(({ tag, when }, idx) => ({
      idx,
      version: '7',
      when,
      tag,
      breakpoints: true,
    }));
    await mkdir(join(folder, 'meta'), { recursive: true });
    await writeFile(
      join(folder, 'meta', '_journal.json'),
      `${JSON.stringify({ version: '7', dialect, entries }, null, 2)}\n`,
    );
  };

  const add = async (...more: readonly JournalMigration[]): Promise<void> => {
    for (const migration of more) {
      const when = migration.when ?? FIRST_WHEN + written.length * MINUTE_MS;
      const name = layout === 'journal' ? migration.tag : folderName(migration.tag, when);
      if (layout === 'folder') await mkdir(join(folder, name), { recursive: true });
      await writeFile(fileOf(name, 'up'), migration.sql);
      if (migration.down !== undefined) await writeFile(fileOf(name, 'down'), migration.down);
      written.push({ tag: migration.tag, when, name });
    }
    await writeIndex();
  };

  const overwrite = async (
    tag: string,
    kind: 'up' | 'down',
    sql: string | Uint8Array,
  ): Promise<void> => {
    const entry = written.find((candidate) => candidate.tag === tag || candidate.name === tag);
    if (!entry) throw new Error(`No migration ${tag} in ${folder}`);
    await writeFile(fileOf(entry.name, kind), sql);
  };

  await mkdir(folder, { recursive: true });
  await add(...migrations);
  return {
    folder,
    get names() {
      return written.map(({ name }) => name);
    },
    add,
    edit: (tag, sql) => overwrite(tag, 'up', sql),
    editDown: (tag, sql) => overwrite(tag, 'down', sql),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
