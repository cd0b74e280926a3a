import type { ServerInfo } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import type { Migration } from './journal.js';
import { parseMigration } from './parse-migration.js';

/** Whether a file has a line of an operation. What cannot be read as SQL any more has none. */
export function callsOperation(
  migration: Migration,
  name: string,
  { dialect, sqlMode: mode }: Pick<ServerInfo, 'dialect' | 'sqlMode'>,
): boolean {
  if (migration.declared !== undefined)
    return migration.declared.operations.some((line) => line.name === name);
  try {
    if (!migration.read().includes('@operation')) return false;
    const read = { dialect, mode, codeMigrations: null, operations: null };
    const { directives } = parseMigration(migration, read);
    return directives.operations.some((line) => line.name === name);
  } catch (error) {
    if (isMigratorError(error)) return false;
    throw error;
  }
}
