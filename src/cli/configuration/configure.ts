import { resolve } from 'node:path';
import { resolveConnections } from '../../database/connection-targets.js';
import { parseConnectionUrl } from '../../database/connection-url.js';
import type { Dialect } from '../../database/database.js';
import { isMigratorError, MigratorError } from '../../errors.js';
import type { DatabaseOptions, MigratorOptions } from '../../options.js';
import type { GlobalFlags } from '../program.js';
import { loadDotenv, type MutableEnvironment } from './dotenv.js';
import { readDrizzleConfig, type DrizzleConfig } from './drizzle-config.js';
import { findConfigFile, loadConfigFile } from './load-config-file.js';
import { findMigrationsFolder } from './migrations-folder.js';
import { readSettings, type Settings } from './settings.js';

/** Where the migrator of a command comes from. */
export type Configuration =
  | {
      readonly kind: 'options';
      readonly options: MigratorOptions;
      /** Remarks for stderr. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'module'; readonly file: string; readonly name: string };

/**
 * Finds out what to migrate and how, the nearest word first: flags, then `--module` or a drizzle.config file, then the environment.
 * Reads `.env` into the environment it is given.
 *
 * A configuration file is not looked for when flags (or `NEST_MIGRATE_MIGRATIONS`) name the folder and a URL is known: an image needs none.
 *
 * @throws {MigratorError} `USAGE`, `CONFIGURATION`, `UNSUPPORTED_DIALECT`, `JOURNAL_NOT_FOUND`
 */
export async function configure(
  flags: GlobalFlags,
  env: MutableEnvironment,
  cwd: string,
): Promise<Configuration> {
  const fromDotenv = loadDotenv(env, cwd);
  const settings = readSettings(flags, env);
  if (settings.module !== undefined) {
    return {
      kind: 'module',
      file: resolve(cwd, settings.module),
      name: settings.name ?? 'default',
    };
  }
  const named = settings.config === undefined ? null : resolve(cwd, settings.config);
  const found = named ?? findConfigFile(cwd);
  const complete =
    settings.migrations !== undefined && (settings.url ?? settings.ambientUrl) !== undefined;
  if (found === null || (named === null && complete)) {
    const notes = found === null ? [] : [`${found} is not read: flags and environment say it all.`];
    return { kind: 'options', options: withoutFile(settings), notes };
  }
  const config = readDrizzleConfig(await loadConfigFile(found), found);
  if (named === null && !fromDotenv.has('DATABASE_URL'))
    assertSameDatabase(config, settings, found);
  return withFile(config, settings, found, cwd);
}

function withoutFile(settings: Settings): MigratorOptions {
  const url = settings.url ?? settings.ambientUrl;
  if (url === undefined) {
    throw new MigratorError('CONFIGURATION', {
      message:
        'Nothing says which database to migrate: there is no drizzle.config file in the working directory, and neither --url, --config, --module nor DATABASE_URL is given.',
      state: 'Nothing was connected to and nothing was changed.',
      remedy:
        'Run in the folder of drizzle.config.ts, or give --config <path>, or set DATABASE_URL.',
    });
  }
  return {
    ...common(settings),
    database: database({ url }, (settings.dialect ?? dialectOf(url)) as Dialect, settings),
  };
}

function withFile(
  config: DrizzleConfig,
  settings: Settings,
  file: string,
  cwd: string,
): Configuration {
  const folder =
    settings.migrations === undefined ? findMigrationsFolder(config.out, file, cwd) : null;
  const table = settings.migrationsTable ?? config.migrationsTable;
  const schema = settings.migrationsSchema ?? config.migrationsSchema;
  return {
    kind: 'options',
    options: {
      ...common(settings),
      database: database(
        credentials(config, settings),
        (settings.dialect ?? config.dialect) as Dialect,
        settings,
        file,
      ),
      ...(folder !== null && { migrations: folder.path }),
      ...(table !== undefined && { migrationsTable: table }),
      ...(schema !== undefined && { migrationsSchema: schema }),
    },
    notes:
      folder === null || folder.passedOver === null
        ? []
        : [
            `"out" of ${file} is taken relative to that file: ${folder.path}. ${folder.passedOver} is a migrations folder too; --migrations would name it.`,
          ],
  };
}

/** `--url`, then the file's credentials, then `DATABASE_URL`: in a workspace with several databases that variable belongs to one of them. */
function credentials(config: DrizzleConfig, settings: Settings): Omit<DatabaseOptions, 'dialect'> {
  if (settings.url !== undefined) return { url: settings.url };
  if (!isMigratorError(config.credentials)) return config.credentials;
  if (settings.ambientUrl !== undefined && !config.hasHalfOfCredentials) {
    return { url: settings.ambientUrl };
  }
  throw config.credentials;
}

function database(
  credentials: Omit<DatabaseOptions, 'dialect'>,
  dialect: Dialect,
  settings: Settings,
  file?: string,
): DatabaseOptions {
  assertParsable(credentials.url, dialect, urlSource(settings, credentials.url, file));
  assertParsable(settings.migrationUrl, dialect, settings.migrationUrlSource);
  return {
    dialect,
    ...credentials,
    ...(settings.migrationUrl !== undefined && { migrationUrl: settings.migrationUrl }),
  };
}

/** Now, because further on nobody knows any more what the URL is called where it was typed. A wrong dialect is told further on. */
function assertParsable(url: DatabaseOptions['url'], dialect: Dialect, source: string): void {
  if (typeof url !== 'string' || !(dialect === 'postgresql' || dialect === 'mysql')) return;
  parseConnectionUrl(dialect, url, source);
}

function urlSource(settings: Settings, url: unknown, file: string | undefined): string {
  if (settings.url !== undefined) return settings.urlSource;
  const isOfFile = file !== undefined && url !== settings.ambientUrl;
  return isOfFile ? `dbCredentials.url of ${file}` : 'DATABASE_URL';
}

function common(settings: Settings): Omit<MigratorOptions, 'database'> {
  const { migrations, migrationsTable, migrationsSchema, grantTo, name, lockTimeoutMs } = settings;
  const { backupDirectory: directory } = settings;
  return {
    ...(migrations !== undefined && { migrations }),
    ...(migrationsTable !== undefined && { migrationsTable }),
    ...(migrationsSchema !== undefined && { migrationsSchema }),
    ...(grantTo !== undefined && { grantTo }),
    ...(directory !== undefined && { backup: { directory } }),
    ...(name !== undefined && { name }),
    ...(lockTimeoutMs !== undefined && { lockTimeoutMs }),
  };
}

/** The scheme tells; what is no scheme of ours is refused by name further on. */
function dialectOf(url: string): Dialect {
  return /^(mysql2?|mariadb):/i.test(url) ? 'mysql' : 'postgresql';
}

/**
 * A file that was merely found and a `DATABASE_URL` that was set for this command may mean two databases, and the wrong one must not be migrated
 * on a guess. A variable from `.env` is different: drizzle-kit ignores it too, unless the file reads it.
 */
function assertSameDatabase(config: DrizzleConfig, settings: Settings, file: string): void {
  const { ambientUrl: url, url: flag } = settings;
  if (url === undefined || flag !== undefined || isMigratorError(config.credentials)) return;
  const ofFile = labelOf({ dialect: config.dialect, ...config.credentials });
  const ofVariable = labelOf({ dialect: dialectOf(url), url });
  if (ofFile === ofVariable || ofVariable === null) return;
  throw new MigratorError('CONFIGURATION', {
    message: `Two databases are named: ${ofFile ?? 'another one'} by ${file}, and ${ofVariable} by the environment variable DATABASE_URL.`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: `Say which one: --config ${file} for the file's, --url env:DATABASE_URL for the variable's.`,
  });
}

/** Where the options lead, without credentials; null where they lead nowhere. */
function labelOf(options: DatabaseOptions): string | null {
  try {
    const connections = resolveConnections(options);
    return connections.driver === 'pglite'
      ? 'PGlite'
      : connections.targets.reader.label.replace(/^(127\.0\.0\.1|\[::1\]):/, 'localhost:');
  } catch {
    return null; // the one that is used is read again, and then its error counts
  }
}
