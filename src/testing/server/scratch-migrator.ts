import { createMigrator } from '../../create-migrator.js';
import type { Migrator } from '../../migrator.js';
import type { MigratorOptions } from '../../options.js';
import type { ScratchDatabase } from './scratch-database.js';
import { optionsOf } from './test-server.js';

/** Options of the migrators that the kit makes: those of the application, but for what the kit decides. */
export type TestMigratorOptions = Omit<
  MigratorOptions,
  'database' | 'migrations' | 'coordinator' | 'name'
>;

/** A migrator on a scratch database. Nobody else is there: no fleet is asked unless the options say so. */
export function migratorOn(
  { dialect, url, name }: Pick<ScratchDatabase, 'dialect' | 'url' | 'name'>,
  migrations: string | URL,
  options: TestMigratorOptions = {},
): Migrator {
  return createMigrator({
    ...options,
    fleet: { mode: 'off', ...options.fleet },
    name,
    database: optionsOf(dialect, url),
    migrations,
  });
}

/** A migrator as a bracket. */
export async function withMigrator<T>(
  scratch: Pick<ScratchDatabase, 'dialect' | 'url' | 'name'>,
  migrations: string | URL,
  options: TestMigratorOptions | undefined,
  body: (migrator: Migrator) => Promise<T>,
): Promise<T> {
  const migrator = migratorOn(scratch, migrations, options);
  try {
    return await body(migrator);
  } finally {
    await migrator.close();
  }
}
