import { withTransaction } from '../database/with-transaction.js';
import type { ServerInfo } from '../database/database.js';
import { loadJournal } from '../journal/load-journal.js';
import type { Journal } from '../journal/journal.js';
import { lintJournal, lintResult, type LintResult } from '../lint/lint-journal.js';
import { withLint } from '../lint/lint-policy.js';
import { splitMigration, type SplitDraft } from '../lint/split/split-migration.js';
import type { Dialect } from '../statements/statement.js';
import { assertKnownTag, withLookingSession, type MigratorEnvironment } from './environment.js';
import { targetOf } from './look.js';

type DatabaseTarget = ReturnType<typeof targetOf>;

/** Which migrations lint is to look at. */
export interface LintRequest {
  /** Tags that another state of the journal has, or how to find them for the folder (absolute): the rest is looked at, without a connection. @default not given */
  readonly known?: ReadonlySet<string> | ((folder: string) => Promise<ReadonlySet<string>>);
  /** Look at every migration, each as a release of its own, without a connection. @default false */
  readonly all?: boolean;
  readonly signal?: AbortSignal;
}

/** A migrations folder, where nobody says which database it is for. */
export interface JournalSource {
  /** Absolute path. */
  readonly folder: string;
  /** As the user wrote it. */
  readonly given: string;
  readonly dialect: Dialect;
}

/** What is unsafe in what is pending, or in what the request names. */
export async function lint(
  environment: MigratorEnvironment,
  { known, all = false, signal }: LintRequest = {},
): Promise<LintResult> {
  const { options, database } = environment;
  const { dialect } = database;
  if (all || known !== undefined) {
    const tags = typeof known === 'function' ? await known(options.migrationsFolder) : known;
    return lintJournal(environment.journal(), all ? null : (tags ?? null), {
      dialect,
      server: null,
      codeMigrations: new Set(options.codeMigrations.keys()),
      operations: new Set(options.operations.keys()),
    });
  }
  return withLookingSession(environment, signal, (session) =>
    withTransaction(session, { readOnly: true }, async () => {
      const target = targetOf(environment, environment.journal());
      const { pending } = await target.observe({
        session,
        signal: signal ?? new AbortController().signal,
        inTransaction: true,
      });
      return lintResult('pending', pending, optionsFor(session.server));
    }),
  );
}

/** The same for a folder alone: what its code migrations and operations are is not known. */
export function lintFolder(
  { folder, given, dialect }: JournalSource,
  known: ReadonlySet<string> | null,
): LintResult {
  return lintJournal(loadJournal(folder, given), known, {
    dialect,
    server: null,
    codeMigrations: null,
    operations: null,
  });
}

/** Drafts of an expand and a contract migration that together do what one migration does. */
export function split(environment: MigratorEnvironment, tag: string): SplitDraft {
  return splitOf(environment.journal(), tag, environment.database.dialect);
}

/** The same for a folder alone. */
export function splitFolder({ folder, given, dialect }: JournalSource, tag: string): SplitDraft {
  return splitOf(loadJournal(folder, given), tag, dialect);
}

function splitOf(journal: Journal, tag: string, dialect: Dialect): SplitDraft {
  assertKnownTag(journal, tag);
  return splitMigration(journal, tag, dialect);
}

export { lintRefusal } from '../lint/lint-policy.js';

/** A target whose plan says what lint finds in what is about to begin, by policy. */
export function linted({ options }: MigratorEnvironment, target: DatabaseTarget): DatabaseTarget {
  return {
    ...target,
    plan: (observed, fleet) =>
      withLint(target.plan(observed, fleet), options.policies.lint, optionsFor(observed.server)),
  };
}

/** What lint has to know of a server. */
export function optionsFor({ dialect, flavour, versionNumber, sqlMode }: ServerInfo) {
  return { dialect, server: { flavour, versionNumber }, mode: sqlMode };
}
