import type { Dialect } from '../../database/database.js';
import type { Migration } from '../../journal/journal.js';
import { parseMigration } from '../../journal/parse-migration.js';

/** Why a migration cannot be taken back; null = it can. */
export function wayBackOf(migration: Migration, dialect: Dialect): string | null {
  const { directives } = parseMigration(migration, {
    dialect,
    codeMigrations: null,
    operations: null,
  });
  if (directives.irreversible !== null) return `irreversible: ${directives.irreversible}`;
  return migration.downFile === null ? 'it has no down file' : null;
}
