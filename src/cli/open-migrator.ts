import { isMigratorError } from '../errors.js';
import { createMigrator } from '../create-migrator.js';
import type { Migrator } from '../migrator.js';
import type { Workplace } from './command.js';
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

/** What a command without a database works on, and how to let go of it. */
export interface OpenedWorkplace {
  readonly workplace: Workplace;
  /** null = the folder alone. */
  readonly migrator: Migrator | null;
  close(): Promise<void>;
}

/**
 * The migrator, or the folder alone where nothing names a database.
 * @throws {MigratorError} as {@link openMigrator}, where a flag names a database or a module; else what is wrong with the folder's configuration
 */
export async function openWorkplace(
  flags: GlobalFlags,
  note: (text: string) => void,
): Promise<OpenedWorkplace> {
  try {
    const opened = await openMigrator(flags, note);
    const { migrator } = opened;
    return { workplace: { kind: 'migrator', migrator }, migrator, close: () => opened.close() };
  } catch (error) {
    const named = flags.url !== undefined || flags.module !== undefined;
    if (named || !isMigratorError(error) || error.code !== 'CONFIGURATION') throw error;
    const { findJournalSource } = await import('./configuration/journal-source.js');
    const source = await findJournalSource(flags, process.env, process.cwd());
    note(`${error.message} ${source.given} is read by itself, as ${source.dialect}.`);
    return { workplace: { kind: 'folder', source }, migrator: null, close: async () => {} };
  }
}
