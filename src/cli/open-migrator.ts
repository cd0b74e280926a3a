import type { Migrator } from '../migrator.js';
import type { MigratorOptions } from '../options.js';
import { configure } from './configuration/configure.js';
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
  const configuration = await configure(flags, process.env, process.cwd());
  if (configuration.kind === 'module') {
    throw new Error('module');
  }
  configuration.notes.forEach(note);
  const path: string = '../create-migrator.js';
  const { createMigrator } = (await import(path)) as {
    createMigrator: (options: MigratorOptions) => Migrator;
  };
  const migrator = createMigrator(configuration.options);
  return { migrator, close: () => migrator.close() };
}
