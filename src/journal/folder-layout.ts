import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MigratorError } from '../errors.js';
import type { Migration } from './journal.js';
import { isAbsent, migrationOf } from './migration-file.js';

const TIMESTAMP = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/;

/** The folders that hold a `migration.sql`, with its text. */
export function migrationFolders(
  folder: string,
  directories: readonly string[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of directories) {
    try {
      found.set(name, readFileSync(`${folder}/${name}/migration.sql`, 'utf8'));
    } catch (error) {
      if (!isAbsent(error)) throw unreadable(folder, name, error);
    }
  }
  return found;
}

/**
 * Reads the 1.x layout: one folder a migration, `<YYYYMMDDHHmmss>_<name>/migration.sql`.
 *
 * @throws {MigratorError} `JOURNAL_BAD_NAME`
 * @see drizzle-orm 1.0.0-rc.5 `readMigrationFiles` and `formatToMillis`: order, time and hash are the same
 */
export function readFolderLayout(
  folder: string,
  configured: string,
  found: ReadonlyMap<string, string>,
): readonly Migration[] {
  const names = [...found.keys()].sort((a, b) => a.localeCompare(b));
  return names.map((tag, position) => {
    const file = join(configured, tag, 'migration.sql');
    const hasDown = existsSync(join(folder, tag, 'down.sql'));
    return migrationOf(
      {
        tag,
        layout: 'folder',
        position,
        createdAtMs: timeOf(tag, file),
        path: join(folder, tag, 'migration.sql'),
        file,
        downFile: hasDown ? join(configured, tag, 'down.sql') : null,
      },
      found.get(tag) ?? '',
    );
  });
}

function timeOf(name: string, file: string): number {
  const digits = TIMESTAMP.exec(name)?.slice(1).map(Number);
  if (digits) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }
  throw new MigratorError('JOURNAL_BAD_NAME', {
    message: `The folder ${name} holds a migration.sql, and its name does not begin with 14 digits (YYYYMMDDHHmmss).`,
    remedy: 'Rename the folder to <YYYYMMDDHHmmss>_<name>, as `npx drizzle-kit generate` does.',
    place: { migration: name, file },
    state: 'Nothing was changed.',
  });
}

function unreadable(folder: string, name: string, cause: unknown): MigratorError {
  return new MigratorError('JOURNAL_FILE_MISSING', {
    message: `The file of migration ${name} cannot be read: ${join(folder, name, 'migration.sql')}.`,
    remedy: 'Give this process the right to read the migrations folder.',
    place: { migration: name },
    state: 'Nothing was changed.',
    cause,
  });
}
