import { hostname } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackupSettings } from './backup/backup.js';
import type { Coordinator, LockOptions } from './lock/lock.js';
import type {
  BackupOptions,
  CodeMigration,
  DatabaseOptions,
  FleetOptions,
  Marker,
  MigratorOptions,
  ReadinessOptions,
} from './options.js';
import type { Operation } from './operations/operation.js';
import { validateOperations } from './operations/validate-operations.js';
import type { BackfillsBy, Policies } from './plan/plan.js';
import type { RunListener } from './run-events.js';
import { optionError } from './options/option-errors.js';
import { resolveConnections, type Connections } from './database/connection-targets.js';
import { MigratorError } from './errors.js';
import { assertMigratorOptions, assertPollOrder } from './options/validate.js';

/** {@link MigratorOptions} after validation, with every default filled in. The only form that the rest of the package reads. */
export interface ResolvedOptions {
  readonly name: string;
  /** With `migrationUrl` from the environment where that applies. */
  readonly database: DatabaseOptions;
  /** Absolute path of the Drizzle Kit folder. Whether it exists is the journal's question. */
  readonly migrationsFolder: string;
  /** The folder as the user wrote it, for messages. */
  readonly migrationsGiven: string;
  readonly migrationsTable: string;
  /** Postgres only; MySQL has no schemas inside a database and ignores it. */
  readonly migrationsSchema: string;
  readonly grantTo: readonly string[];
  readonly coordinator: Coordinator | null;
  readonly lock: LockOptions;
  readonly policies: Policies;
  readonly lockTimeoutMs: number;
  readonly lockLadderMs: number;
  readonly codeMigrations: ReadonlyMap<string, CodeMigration>;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly backfills: BackfillsBy;
  /** null = no backup is asked for. */
  readonly backup: BackupSettings | null;
  readonly requires: readonly Marker[];
  readonly readiness: Required<ReadinessOptions>;
  readonly fleet: Required<FleetOptions>;
  /** `NODE_ENV` is `development` or `test`. Not set is not: a pipeline that migrates production seldom sets it. */
  readonly lenient: boolean;
  readonly build: string | null;
  readonly actor: string;
  readonly listeners: readonly RunListener[];
  readonly allowStartupInProduction: boolean;
  /** The database is a test's own. */
  readonly scratch: boolean;
}

/** What of the process the defaults read. An argument, so that tests and several migrators in one process do not share it. */
export interface OptionsEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a relative `migrations` is relative to. */
  readonly cwd: string;
  readonly hostname: string;
}

/** The process as it is now. */
export function processEnvironment(): OptionsEnvironment {
  return { env: process.env, cwd: process.cwd(), hostname: hostname() };
}

/**
 * Validates options and merges the defaults, once.
 *
 * @throws {MigratorError} `CONFIGURATION` naming the option, what was given (as a type; values of numbers of milliseconds alone) and what is allowed;
 *   `UNSUPPORTED_DIALECT`, `WRONG_DIALECT`
 */
export function resolveOptions(
  options: MigratorOptions,
  environment: OptionsEnvironment = processEnvironment(),
): ResolvedOptions {
  assertMigratorOptions(options);
  assertPollOrder(options.lock ?? {}, LOCK_DEFAULTS);
  const { env } = environment;
  const lenient = env['NODE_ENV'] === 'development' || env['NODE_ENV'] === 'test';
  const name = options.name ?? 'default';
  const database = withMigrationUrl(options.database, name, env);
  validateOperations(options.operations ?? [], database.dialect);
  const migrations = options.migrations ?? './drizzle';
  const folder = migrationsFolder(migrations, environment.cwd);
  return {
    name,
    database,
    migrationsFolder: folder,
    // A URL is nothing to paste into a shell.
    migrationsGiven: /^file:/i.test(String(migrations)) ? folder : String(migrations),
    migrationsTable: options.migrationsTable ?? '__drizzle_migrations',
    migrationsSchema: options.migrationsSchema ?? 'drizzle',
    grantTo: options.grantTo ?? [],
    coordinator: options.coordinator ?? null,
    lock: { ...LOCK_DEFAULTS, ...given(options.lock) },
    policies: { ...POLICY_DEFAULTS, ...given(options.policies) },
    lockTimeoutMs: options.lockTimeoutMs ?? (database.dialect === 'mysql' ? 1000 : 500),
    lockLadderMs: options.lockLadderMs ?? 600_000,
    codeMigrations: byName('codeMigrations', options.codeMigrations ?? []),
    operations: byName('operations', options.operations ?? []),
    backfills: options.backfills ?? 'up',
    backup: options.backup === undefined ? null : backupIn(options.backup, environment.cwd),
    requires: options.requires ?? [],
    readiness: { ...READINESS_DEFAULTS, ...given(options.readiness) },
    fleet: {
      ...FLEET_DEFAULTS,
      forgetMs: lenient ? 0 : FORGET_MS,
      service: serviceIn(env) ?? UNNAMED_SERVICE,
      ...given(options.fleet),
    },
    lenient,
    build: options.build ?? buildIn(env),
    actor:
      options.actor ??
      prefixed('github-run:', env['GITHUB_RUN_ID']) ??
      nonEmpty(env['CI_JOB_URL']) ??
      environment.hostname,
    listeners: options.listeners ?? [],
    allowStartupInProduction: options.allowStartupInProduction ?? false,
    scratch: scratchIn(options.scratch, env['NODE_ENV']),
  };
}

/** What a test's own database does without is what protects everybody else's. */
function scratchIn(scratch: boolean | undefined, mode: string | undefined): boolean {
  if (scratch !== true) return false;
  if (mode !== 'production') return true;
  throw new MigratorError('CONFIGURATION', {
    message: 'The option `scratch` is set, and NODE_ENV is production: no gate would ask anybody.',
    state: 'Nothing was changed.',
    remedy: "Leave `scratch` to tests, whose databases hold nobody's data.",
  });
}

/** `backup.dataBelow` where nothing is said. */
const DATA_BELOW = 100_000_000;

function backupIn({ directory, dataBelow, command }: BackupOptions, cwd: string): BackupSettings {
  return {
    directory: resolve(cwd, directory),
    dataBelow: dataBelow ?? DATA_BELOW,
    command: { pgDump: command?.pgDump ?? null, mysqldump: command?.mysqldump ?? null },
  };
}

/** `fleet.service` where nothing names the application. */
export const UNNAMED_SERVICE = 'app';

/** The release or image tag, as the environment names it; null = it does not. */
export function buildIn(env: OptionsEnvironment['env']): string | null {
  return nonEmpty(env['RELEASE']) ?? nonEmpty(env['GIT_SHA']) ?? null;
}

/** The application, as the environment names it; null = it does not. */
export function serviceIn(env: OptionsEnvironment['env']): string | null {
  return nonEmpty(env['OTEL_SERVICE_NAME']) ?? nonEmpty(env['npm_package_name']) ?? null;
}

/** Defaults of {@link LockOptions}; the start-up path sets its own `waitMs`. */
export const LOCK_DEFAULTS: LockOptions = {
  waitMs: 600_000,
  pollMinMs: 400,
  pollMaxMs: 1500,
  drain: 'wait',
  drainMs: 30_000,
};

/** Defaults of {@link Policies} (DESIGN 7). */
export const POLICY_DEFAULTS: Policies = {
  outOfOrder: 'apply',
  edited: 'error',
  ahead: 'allow',
  lint: 'off',
};

/** Defaults of {@link FleetOptions} (DESIGN 7), but for those that depend on the environment. */
export const FLEET_DEFAULTS: Required<Omit<FleetOptions, 'service' | 'forgetMs'>> = {
  mode: 'auto',
  probes: [],
};

/** But in development and tests, where nothing is paused for minutes and wakes up: a silent instance was killed with its job. */
const FORGET_MS = 300_000;

/** Defaults of {@link ReadinessOptions} (DESIGN 9). */
export const READINESS_DEFAULTS: Required<ReadinessOptions> = {
  notReadyIntervalMs: 1000,
  readyIntervalMs: 10_000,
  unreachableGraceMs: 15_000,
  onUnreachable: 'down',
  queryTimeoutMs: 500,
  checksum: 'degraded',
  diverged: 'down',
  unknownAhead: 'degraded',
};

/**
 * `MIGRATION_DATABASE_URL` is one variable: it belongs to the migrator that has no name, and to none that has a runner's address of its own.
 * Given to a second database it would send that database's migrations to the first.
 */
function withMigrationUrl(
  database: DatabaseOptions,
  name: string,
  env: OptionsEnvironment['env'],
): DatabaseOptions {
  const migrationUrl = nonEmpty(env['MIGRATION_DATABASE_URL']);
  const applies =
    migrationUrl !== undefined &&
    name === 'default' &&
    database.migrationUrl === undefined &&
    database.migrationConnection === undefined;
  const own = resolveConnections(database);
  // PGlite lives in this process: no URL leads to it.
  if (own.driver === 'pglite' || !applies) return database;
  const applied = { ...database, migrationUrl };
  assertSameDatabase(own, resolveConnections(applied));
  return applied;
}

/** A runner's address in the options may name what it likes; one from the environment may have been meant for another project. */
function assertSameDatabase(own: Connections, applied: Connections): void {
  const [readers, runner] = [databaseOf(own), databaseOf(applied)];
  if (readers === null || runner === null || readers === runner) return;
  throw new MigratorError('CONFIGURATION', {
    message: `The environment variable MIGRATION_DATABASE_URL names the database ${runner}, and the options name ${readers}.`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy:
      'Correct or unset the variable, or set database.migrationUrl (on the command line --migration-url env:MIGRATION_DATABASE_URL).',
  });
}

function databaseOf(connections: Connections): string | null {
  const name =
    connections.driver === 'pglite' ? null : connections.targets.runner.settings['database'];
  return typeof name === 'string' && name !== '' ? name : null;
}

function migrationsFolder(migrations: string | URL, cwd: string): string {
  const text = String(migrations);
  if (/^file:/i.test(text)) {
    try {
      return fileURLToPath(text);
    } catch {
      throw optionError('migrations', 'a file URL without a local path', 'file:///absolute/path');
    }
  }
  if (migrations instanceof URL) {
    throw optionError('migrations', `a ${migrations.protocol} URL`, 'a path or a file URL');
  }
  return isAbsolute(text) ? text : resolve(cwd, text);
}

function byName<Named extends { readonly name: string }>(
  option: 'codeMigrations' | 'operations',
  values: readonly Named[],
): ReadonlyMap<string, Named> {
  const map = new Map<string, Named>();
  for (const value of values) {
    if (map.has(value.name)) {
      throw optionError(
        option,
        `the name ${value.name} twice`,
        'each name once: directives find them by name',
      );
    }
    map.set(value.name, value);
  }
  return map;
}

/** The keys that are really given: an explicit `undefined` must not hide a default. */
function given<Options extends object>(options: Options | undefined): Partial<Options> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<Options>;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

function prefixed(prefix: string, value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : `${prefix}${value}`;
}
