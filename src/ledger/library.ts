import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Dialect } from '../database/database.js';
import { MigratorError } from '../errors.js';

/**
 * The migrations of our own tables that this version of the library needs, in order: the tags of `drizzle/<dialect>/meta/_journal.json`.
 * A constant, so that reading the ledger opens no file; a test keeps it equal to the folders.
 */
export const LIBRARY_VERSIONS = ['0000_init', '0001_operations', '0002_instances'] as const;

/** One migration of our own tables. */
export interface LibraryMigration {
  readonly version: string;
  readonly hash: string;
  /** Without schema; to be run where the ledger lives. */
  readonly statements: readonly string[];
}

/**
 * Reads our own migrations from the package's `drizzle/` folder, which lies two levels above this file in src/ and in the chunks of dist/.
 *
 * @throws {MigratorError} `CONFIGURATION` when a bundler left the folder behind
 */
export function libraryMigration(dialect: Dialect, version: string): LibraryMigration {
  const file = new URL(`../../drizzle/${dialect}/${version}.sql`, import.meta.url);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MigratorError('CONFIGURATION', {
      message: `The SQL of nest-migrate's own tables (drizzle/${dialect}/${version}.sql of the package) is missing: a bundler left it behind.`,
      remedy:
        'Keep nestjs-drizzle-migrator out of the bundle (external) in the image that migrates.',
      state: 'Nothing was changed.',
      cause,
    });
  }
  const statements = text
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim().replace(/;$/, ''))
    .filter((statement) => statement !== '');
  return { version, hash: hash('sha256', text, 'hex'), statements };
}

/** The tables that one of our own migrations creates. */
export function tablesOf({ statements }: LibraryMigration): readonly string[] {
  return statements.flatMap(
    (statement) => /^create table ["`](\w+)["`]/i.exec(statement)?.[1] ?? [],
  );
}

/**
 * The versions that are to be applied: those not on record, and the fleet's registry where somebody has dropped it. Who lives writes it anew; what our
 * other tables hold nobody can write again, so that they are not made anew behind their loss.
 *
 * @param hasTable whether a table of ours exists
 */
export function versionsToApply(
  recorded: readonly string[],
  hasTable: (table: string) => boolean,
): readonly string[] {
  return LIBRARY_VERSIONS.filter(
    (version) =>
      !recorded.includes(version) ||
      (version === REGISTRY_VERSION && !hasTable('migration_instances')),
  );
}

/** Makes `migration_instances` and nothing else. */
const REGISTRY_VERSION: (typeof LIBRARY_VERSIONS)[number] = '0002_instances';
