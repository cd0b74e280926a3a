import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Dialect } from '../../database/database.js';
import { MigratorError } from '../../errors.js';
import type { JournalSource } from '../../migrator/lint.js';
import type { GlobalFlags } from '../program.js';
import type { MutableEnvironment } from './dotenv.js';
import { readDrizzleConfig } from './drizzle-config.js';
import { findConfigFile, loadConfigFile } from './load-config-file.js';
import { findMigrationsFolder } from './migrations-folder.js';
import { readSettings, type Settings } from './settings.js';

/**
 * The migrations folder, and which dialect it is in, for commands that work without a database: from flags, a drizzle.config file,
 * or what Drizzle Kit wrote beside the migrations.
 *
 * @throws {MigratorError} `CONFIGURATION`, `JOURNAL_NOT_FOUND`
 */
export async function findJournalSource(
  flags: GlobalFlags,
  env: MutableEnvironment,
  cwd: string,
): Promise<JournalSource> {
  const settings = readSettings(flags, env);
  const file = settings.config === undefined ? findConfigFile(cwd) : resolve(cwd, settings.config);
  const complete = settings.migrations !== undefined && settings.dialect !== undefined;
  if (file !== null && !(complete && settings.config === undefined)) {
    const config = readDrizzleConfig(await loadConfigFile(file), file);
    const given = settings.migrations ?? findMigrationsFolder(config.out, file, cwd).path;
    return { folder: resolve(cwd, given), given, dialect: dialectOf(settings) ?? config.dialect };
  }
  const given = settings.migrations ?? './drizzle';
  const folder = resolve(cwd, given);
  const dialect = dialectOf(settings) ?? writtenDialect(folder);
  if (dialect === null) {
    throw new MigratorError('CONFIGURATION', {
      message: `Nothing says which dialect ${given} is in: neither --dialect, nor a drizzle.config file, nor what Drizzle Kit wrote into the folder.`,
      state: 'Nothing was connected to and nothing was changed.',
      remedy: 'Give --dialect postgresql or --dialect mysql, and the folder after --migrations.',
    });
  }
  return { folder, given, dialect };
}

function dialectOf({ dialect }: Settings): Dialect | null {
  return dialect === 'postgresql' || dialect === 'mysql' ? dialect : null;
}

/** Drizzle Kit writes the dialect into the journal (0.x) and into each snapshot (1.x). */
function writtenDialect(folder: string): Dialect | null {
  const journal = join(folder, 'meta', '_journal.json');
  const file = existsSync(journal) ? journal : lastSnapshot(folder);
  if (file === null) return null;
  try {
    const { dialect } = JSON.parse(readFileSync(file, 'utf8')) as { readonly dialect?: unknown };
    if (dialect === 'postgresql' || dialect === 'postgres') return 'postgresql';
    return dialect === 'mysql' ? 'mysql' : null;
  } catch {
    return null; // not readable: the journal says so where it is read
  }
}

function lastSnapshot(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const files = readdirSync(folder)
    .map((name) => join(folder, name, 'snapshot.json'))
    .filter((file) => existsSync(file));
  return files.at(-1) ?? null;
}
