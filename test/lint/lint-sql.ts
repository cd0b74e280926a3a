import type { Migration } from '../../src/journal/journal.js';
import { parseMigration } from '../../src/journal/parse-migration.js';
import type { LintFinding } from '../../src/lint/finding.js';
import { lintMigrations, type LintOptions } from '../../src/lint/lint-migrations.js';

/** A migration that stands in no folder. */
export function migrationOf(sql: string, position: number, down = true): Migration {
  const tag = `000${position}_sample`;
  return {
    tag,
    layout: 'journal',
    position,
    createdAtMs: position,
    checksum: '',
    file: `drizzle/${tag}.sql`,
    invalidLine: null,
    read: () => sql,
    lineEndingChecksums: () => [],
    readDown: () => null,
    downFile: down ? `drizzle/${tag}.down.sql` : null,
  };
}

/** What lint finds in files that are released together; all of them have a way back. */
export function lintSql(
  files: readonly string[],
  options: Partial<LintOptions> & Pick<LintOptions, 'dialect'>,
): readonly LintFinding[] {
  let created: ReadonlySet<string> = new Set();
  const parsed = files.map((sql, position) => {
    const migration = parseMigration(migrationOf(sql, position + 1), {
      dialect: options.dialect,
      created,
      codeMigrations: null,
      operations: null,
    });
    created = migration.created;
    return migration;
  });
  return lintMigrations(parsed, { server: null, ...options }).flatMap(({ findings }) => findings);
}

/** The same as `rule` and, where one is waived, `rule (allowed)`. */
export function rulesOf(findings: readonly LintFinding[]): readonly string[] {
  return findings.map(({ rule, allowed }) => (allowed === null ? rule : `${rule} (allowed)`));
}
