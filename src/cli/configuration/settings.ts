import { MigratorError } from '../../errors.js';
import type { GlobalFlags } from '../program.js';
import { roleList } from '../role-list-argument.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Flags, and for those not given their `NEST_MIGRATE_*` variables. */
export interface Settings {
  /** From `--url` alone; `DATABASE_URL` is {@link ambientUrl}. */
  readonly url: string | undefined;
  /** What to call {@link url} in an error: the variable, or the flag. */
  readonly urlSource: string;
  readonly migrationUrl: string | undefined;
  readonly migrationUrlSource: string;
  /** `DATABASE_URL`: what counts when nothing nearer names a database. */
  readonly ambientUrl: string | undefined;
  readonly dialect: string | undefined;
  readonly migrations: string | undefined;
  readonly migrationsTable: string | undefined;
  readonly migrationsSchema: string | undefined;
  readonly grantTo: readonly string[] | undefined;
  readonly backupDirectory: string | undefined;
  readonly config: string | undefined;
  readonly module: string | undefined;
  readonly name: string | undefined;
  readonly lockTimeoutMs: number | undefined;
}

/** @throws {MigratorError} `USAGE` for flags that contradict each other, `CONFIGURATION` for `env:NAME` of a variable that is not set */
export function readSettings(flags: GlobalFlags, env: Environment): Settings {
  const own = (name: string): string | undefined => env[`NEST_MIGRATE_${name}`] || undefined;
  const module = flags.module ?? (flags.config === undefined ? own('MODULE') : undefined);
  if (flags.module !== undefined) assertAlone(flags);
  return {
    url: fromEnvironment('--url', flags.url, env),
    urlSource: variableOf(flags.url) ?? '--url',
    migrationUrl: fromEnvironment('--migration-url', flags.migrationUrl, env),
    migrationUrlSource: variableOf(flags.migrationUrl) ?? '--migration-url',
    ambientUrl: env['DATABASE_URL'] || undefined,
    dialect: flags.dialect ?? own('DIALECT'),
    migrations: flags.migrations ?? flags.folder ?? own('MIGRATIONS'),
    migrationsTable: flags.migrationsTable ?? own('MIGRATIONS_TABLE'),
    migrationsSchema: flags.migrationsSchema ?? own('MIGRATIONS_SCHEMA'),
    grantTo: flags.grantTo ?? listed(own('GRANT_TO')),
    backupDirectory: flags.backupDirectory ?? own('BACKUP_DIRECTORY'),
    config: flags.config ?? (flags.module === undefined ? own('CONFIG') : undefined),
    module,
    name: flags.name ?? own('NAME'),
    lockTimeoutMs: flags.lockTimeout,
  };
}

/** A module says everything itself; a flag beside it would be taken for having an effect. */
function assertAlone(flags: GlobalFlags): void {
  const others: readonly (readonly [string, unknown])[] = [
    ['--url', flags.url],
    ['--migration-url', flags.migrationUrl],
    ['--dialect', flags.dialect],
    ['--migrations', flags.migrations ?? flags.folder],
    ['--migrations-table', flags.migrationsTable],
    ['--migrations-schema', flags.migrationsSchema],
    ['--grant-to', flags.grantTo],
    ['--backup-directory', flags.backupDirectory],
    ['--config', flags.config],
    ['--lock-timeout', flags.lockTimeout],
  ];
  const given = others.filter(([, value]) => value !== undefined).map(([flag]) => flag);
  if (given.length === 0) return;
  throw new MigratorError('USAGE', {
    message: `--module takes the whole configuration from the module, so ${given.join(' and ')} would have no effect.`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: `Leave out ${given.join(' and ')}, or leave out --module.`,
  });
}

function listed(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : roleList(value);
}

/** `env:NAME` keeps a URL out of the process list. */
function fromEnvironment(
  flag: string,
  value: string | undefined,
  env: Environment,
): string | undefined {
  const name = variableOf(value);
  if (name === undefined) return value;
  const found = env[name];
  if (found !== undefined && found !== '') return found;
  throw new MigratorError('CONFIGURATION', {
    message: `${flag} asks for the environment variable ${name}, which is not set.`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: `Set ${name} (a .env file in the working directory is read).`,
  });
}

/** NAME of `env:NAME`. */
export function variableOf(flag: string | undefined): string | undefined {
  return /^env:([A-Za-z_]\w*)$/.exec(flag ?? '')?.[1];
}
