import { resolveOptions } from '../../resolve-options.js';
import type { Dialect } from '../../database/database.js';
import { loadJournal } from '../../journal/load-journal.js';
import type { Journal } from '../../journal/journal.js';
import { optionsOf } from './test-server.js';

/** A folder as the option `migrations` names it, resolved as `createMigrator` does, and what is in it. */
export function journalAt(
  dialect: Dialect,
  url: string,
  migrations: string | URL,
): { readonly folder: string; readonly journal: Journal } {
  const { migrationsFolder: folder, migrationsGiven } = resolveOptions({
    database: optionsOf(dialect, url),
    migrations,
  });
  return { folder, journal: loadJournal(folder, migrationsGiven) };
}
