import { loadJournal } from '../journal/load-journal.js';
import { manifestOf, type Manifest } from '../journal/manifest.js';
import type { Journal } from '../journal/journal.js';
import { parseMigration } from '../journal/parse-migration.js';
import type { Dialect } from '../statements/statement.js';
import { buildIn, processEnvironment, serviceIn } from '../resolve-options.js';
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
  facts: ManifestFacts,
): Manifest {
  const { env } = processEnvironment();
  const named = { service: serviceIn(env), build: buildIn(env), ...facts };
  return made(loadJournal(folder, given), dialect, named);
}

/** Registered names are not asked for: what is shipped is what the files say. */
function made(
  journal: Journal,
  dialect: Dialect,
  facts: { readonly service: string | null; readonly build: string | null },
): Manifest {
  const tags = new Set(journal.migrations.map(({ tag }) => tag));
  const names = { codeMigrations: null, operations: null, tags };
  return manifestOf(journal, { ...facts, dialect }, (migration) =>
    parseMigration(migration, { dialect, ...names }),
  );
}
