import { loadJournal } from '../journal/load-journal.js';
import { manifestOf, type Manifest } from '../journal/manifest.js';
import type { Journal } from '../journal/journal.js';
import { parseMigration } from '../journal/parse-migration.js';
import type { Dialect } from '../statements/statement.js';
import type { MigratorEnvironment } from './environment.js';
import type { JournalSource } from './lint.js';

/** What the caller knows better than the configuration. */
export interface ManifestFacts {
  readonly service?: string;
  readonly build?: string;
}

/** The manifest of this build. @throws {MigratorError} what is wrong with a folder or a file */
export function manifest(environment: MigratorEnvironment, facts: ManifestFacts = {}): Manifest {
  const { fleet, build } = environment.options;
  return made(environment.journal(), environment.database.dialect, {
    service: fleet.service,
    build,
    ...facts,
  });
}

/** The same for a folder alone. */
export function manifestOfFolder(
  { folder, given, dialect }: JournalSource,
  { service, build }: ManifestFacts,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Manifest {
  return made(loadJournal(folder, given), dialect, {
    service: service ?? env['OTEL_SERVICE_NAME'] ?? env['npm_package_name'] ?? null,
    build: build ?? env['RELEASE'] ?? env['GIT_SHA'] ?? null,
  });
}

/** Registered names are not asked for: what is shipped is what the files say. */
function made(
  journal: Journal,
  dialect: Dialect,
  facts: { readonly service: string | null; readonly build: string | null },
): Manifest {
  const names = { codeMigrations: null, operations: null };
  return manifestOf(journal, { ...facts, dialect }, (migration) =>
    parseMigration(migration, { dialect, ...names }),
  );
}
