import type { Journal, Migration, ParsedMigration } from '../journal/journal.js';
import { parseMigration, registeredOnly } from '../journal/parse-migration.js';
import { countFindings, type LintCounts, type LintedMigration } from './finding.js';
import { lintMigrations, type LintOptions } from './lint-migrations.js';

/** Which migrations were looked at. */
export type LintRange =
  /** Those that a database has not had; they are released together. */
  | 'pending'
  /** Those that the journal of a git ref does not have; they are released together. */
  | 'new'
  /** All of them, each as a release of its own. */
  | 'all';

/** What lint found. */
export interface LintResult {
  readonly range: LintRange;
  readonly migrations: readonly LintedMigration[];
  readonly counts: LintCounts;
}

/** How migrations are read before they are looked at. */
export interface LintJournalOptions extends LintOptions {
  /** Registered code migrations; null = not known. */
  readonly codeMigrations: ReadonlySet<string> | null;
  /** Registered operations; null = not known. */
  readonly operations: ReadonlySet<string> | null;
}

/**
 * Looks at migrations of a journal.
 *
 * @param known tags that another state of the journal has; null = every migration is looked at, as a release of its own
 * @throws {MigratorError} what is wrong with a file that is looked at
 */
export function lintJournal(
  journal: Journal,
  known: ReadonlySet<string> | null,
  options: LintJournalOptions,
): LintResult {
  if (known === null) {
    const migrations = journal.migrations.flatMap((migration) =>
      lintMigrations(parse(journal, [migration], options).map(registeredOnly), options),
    );
    return { range: 'all', migrations, counts: countFindings(migrations) };
  }
  const wanted = journal.migrations.filter(({ tag }) => !known.has(tag));
  return lintResult('new', parse(journal, wanted, options), options);
}

/** Looks at migrations that are parsed already and run together. */
export function lintResult(
  range: LintRange,
  parsed: readonly ParsedMigration[],
  options: LintOptions,
): LintResult {
  const migrations = lintMigrations(parsed.map(registeredOnly), options);
  return { range, migrations, counts: countFindings(migrations) };
}

function parse(
  journal: Journal,
  migrations: readonly Migration[],
  { dialect, mode, codeMigrations, operations }: LintJournalOptions,
): readonly ParsedMigration[] {
  let created: ReadonlySet<string> = new Set();
  const tags = new Set(journal.migrations.map(({ tag }) => tag));
  return migrations.map((migration) => {
    const parsed = parseMigration(migration, {
      dialect,
      ...(mode !== undefined && { mode }),
      created,
      codeMigrations,
      operations,
      tags,
    });
    created = parsed.created;
    return parsed;
  });
}
