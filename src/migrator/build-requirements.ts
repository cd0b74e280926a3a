import type { Migration, ParsedMigration } from '../journal/journal.js';
import { parseMigration } from '../journal/parse-migration.js';
import type { Phase } from '../operations/operation.js';
import type { Impact } from '../statements/statement.js';
import type { MigratorEnvironment } from './environment.js';

/** What a migration does to older builds, for readiness: as its manifest says, else read from its file. */
export function impactReader(environment: MigratorEnvironment): (migration: Migration) => Impact {
  return (migration) => migration.declared?.impact ?? parse(environment, migration).impact;
}

/** The `@operation` lines of a migration, for readiness: as its manifest says, else read from its file. */
export function phaseReader(
  environment: MigratorEnvironment,
): (migration: Migration) => readonly { readonly name: string; readonly phase: Phase }[] {
  return (migration) => {
    if (migration.declared !== undefined) return migration.declared.operations;
    // Only a file with the word in it can have such a line; hundreds have none.
    const mayCall =
      environment.options.operations.size > 0 && migration.read().includes('@operation');
    return mayCall ? parse(environment, migration).directives.operations : [];
  };
}

/** What it calls need not be registered: whoever serves carries nothing out, and of operations that are through the definition may be gone. */
function parse({ database }: MigratorEnvironment, migration: Migration): ParsedMigration {
  const { dialect } = database;
  return parseMigration(migration, { dialect, codeMigrations: null, operations: null });
}
