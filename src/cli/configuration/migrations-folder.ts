import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MigratorError } from '../../errors.js';

/** The folder that `out` of a configuration file means. */
export interface FoundFolder {
  readonly path: string;
  /** Where both readings of `out` are journals: the one that was not taken. */
  readonly passedOver: string | null;
}

/**
 * `out` is relative to the configuration file; drizzle-kit takes it relative to the working directory, so that is tried next. A folder with a
 * journal in it is better than one without.
 *
 * @throws {MigratorError} `JOURNAL_NOT_FOUND` naming both places
 */
export function findMigrationsFolder(out: string, configFile: string, cwd: string): FoundFolder {
  const [nearFile, nearCwd] = [resolve(dirname(configFile), out), resolve(cwd, out)];
  const candidates = nearFile === nearCwd ? [nearFile] : [nearFile, nearCwd];
  const journals = candidates.filter(isJournal);
  const path = journals[0] ?? candidates.find((candidate) => existsSync(candidate));
  if (path === undefined && candidates.length > 1) {
    throw new MigratorError('JOURNAL_NOT_FOUND', {
      message: `There is no migrations folder. "out" of the configuration file was tried relative to the file (${nearFile}) and to the working directory (${nearCwd}).`,
      place: { file: configFile },
      state: 'Nothing was connected to and nothing was changed.',
      remedy: 'Correct "out", or give the folder: --migrations <folder>.',
    });
  }
  return { path: path ?? nearFile, passedOver: journals.length > 1 ? nearCwd : null };
}

/** Either layout of Drizzle Kit: `meta/_journal.json`, or folders with a `migration.sql`. */
function isJournal(folder: string): boolean {
  if (existsSync(join(folder, 'meta', '_journal.json'))) return true;
  try {
    return readdirSync(folder, { withFileTypes: true }).some(
      (entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'migration.sql')),
    );
  } catch {
    return false; // no folder, or not readable: the journal says so when it is read
  }
}
