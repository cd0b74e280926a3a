import { createMigrator } from '../create-migrator.js';
import type { Migrator } from '../migrator.js';
import { configure } from './configuration/configure.js';
import { defineNavigator } from './navigator.js';
import type { GlobalFlags } from './program.js';

/** A migrator and how to let go of all that came with it. */
export interface OpenedMigrator {
  readonly migrator: Migrator;
  close(): Promise<void>;
}

/**
 * Makes the migrator that flags, files and environment name. Nothing is connected to yet.
 * @throws {MigratorError} `USAGE`, `CONFIGURATION`, `UNSUPPORTED_DIALECT`, `MISSING_PACKAGE`, `JOURNAL_NOT_FOUND`
 */
export async function openMigrator(
  flags: GlobalFlags,
  note: (text: string) => void,
): Promise<OpenedMigrator> {
  defineNavigator();
  const configuration = await configure(flags, process.env, process.cwd());
  if (configuration.kind === 'module') {
    const { openModule } = await import('./configuration/open-module.js');
    return openModule(configuration.file, configuration.name, note);
  }
  configuration.notes.forEach(note);
  const migrator = createMigrator(configuration.options);
  return { migrator, close: () => migrator.close() };
}
