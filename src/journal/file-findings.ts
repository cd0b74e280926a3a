import type { Dialect, ClassifiedStatement } from '../statements/statement.js';
import type { Finding } from '../run-events.js';
import type { Migration, ParsedMigration } from './journal.js';

/** Heads of statements that change what is there; what they create harms nobody. */
const CHANGES = /^(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX|DROP INDEX|REINDEX)/;

/** Drizzle Kit's separator, as it stands in files. */
const MARKER = '--> statement-breakpoint';

/**
 * What is worth a word in a file that is about to run, and stops nothing. Cases:
 * 1. a marker inside a literal or a comment: text for us, a cut for stock `migrate()`;
 * 2. an embedded COMMIT: what follows is not rolled back with the rest;
 * 3. a statement that cannot run in a transaction among others (Postgres): the file is not atomic;
 * 4. several DDL statements in one file (MySQL): each commits by itself; an info, because a failed run is resumed;
 * 5. ALTER TYPE ... ADD VALUE followed by other statements: stock runs them in one transaction, where the value cannot be used;
 * 6. a change below `@online` that has no online form: it runs as it stands, and may lock as it does;
 * 7. the first migration has no statement at all, as `drizzle-kit pull` leaves it: new databases stay empty.
 */
export function fileFindings(
  migration: Migration,
  {
    statements,
    directives,
    coverage,
    online,
  }: Pick<ParsedMigration, 'statements' | 'directives' | 'coverage' | 'online'>,
  dialect: Dialect,
): readonly Finding[] {
  const { tag, file } = migration;
  const findings: Finding[] = [];
  const add = (
    code: string,
    statement: ClassifiedStatement | undefined,
    message: string,
    severity: Finding['severity'] = 'warning',
  ): void => {
    const line = statement === undefined ? {} : { line: statement.line };
    findings.push({ code, severity, message: `${tag} ${message}`, tag, file, ...line });
  };

  const marked = statements.find(({ sql }) => sql.includes(MARKER));
  if (marked)
    add(
      'marker-in-text',
      marked,
      'has a statement-breakpoint inside a literal or a comment. It is ordinary text here; stock migrate() would cut there.',
    );
  const commit = statements.find(
    ({ is }) => is.control === 'commit' || is.control === 'commit-chain',
  );
  if (commit)
    add(
      'embedded-commit',
      commit,
      'has a COMMIT: what follows runs statement by statement and is not rolled back with the rest.',
    );
  const working = statements.filter(({ is }) => is.control === null);
  if (dialect === 'postgresql') {
    const alone = working.find(({ is }) => !is.transactional);
    if (alone && working.length > 1 && directives.transaction !== 'off')
      add(
        'not-atomic',
        alone,
        'has a statement that cannot run in a transaction among others: it runs on its own, and a failure leaves what was done before.',
      );
    const value = working.findIndex(({ is }) => is.enumValue !== null);
    if (value !== -1 && working.slice(value + 1).some(({ is }) => is.enumValue === null))
      add(
        'enum-value-used',
        working[value],
        'adds an enum value and goes on. It is committed first where the file uses it; stock migrate() would fail with 55P04.',
      );
  } else {
    const ddl = working.filter(({ is }) => is.category === 'ddl');
    if (ddl.length > 1)
      add(
        'several-ddl',
        ddl[1],
        `has ${ddl.length} DDL statements, and MySQL commits each by itself: a failure leaves the earlier ones, and the next run goes on after them.`,
        'info',
      );
  }
  for (const { kind, from, until } of coverage) {
    if (kind !== 'online') continue;
    for (const statement of statements.slice(from, until)) {
      if (online.has(statement.index) || !CHANGES.test(statement.head)) continue;
      add(
        'no-online-form',
        statement,
        `asks for the online form of statement ${statement.index + 1} (${statement.head}), and there is none: it runs as it stands. "nest-migrate lint" tells whether that keeps writers out, and the safe way.`,
        'info',
      );
    }
  }
  if (statements.length === 0 && migration.position === 0 && directives.run.length === 0)
    add(
      'baseline-only',
      undefined,
      'has no statement, as `drizzle-kit pull` writes it: it is recorded, and a new database stays empty.',
    );
  return findings;
}
