import type { FleetProbe } from '../fleet/fleet.js';
import { isCoordinator } from '../lock/coordinator.js';
import type { LockOptions } from '../lock/lock.js';
import type {
  BackupOptions,
  CodeMigration,
  DatabaseOptions,
  FleetOptions,
  Marker,
  MigratorOptions,
  ReadinessOptions,
} from '../options.js';
import type { Operation } from '../operations/operation.js';
import type { Policies } from '../plan/plan.js';
import {
  anything,
  boolean,
  check,
  hasFunctions,
  identifier,
  isRecord,
  listOf,
  milliseconds,
  oneOf,
  plainObject,
  positiveMilliseconds,
  text,
  type OptionChecks,
} from './checks.js';
import { assertOptions, optionError } from './option-errors.js';

const MIGRATOR: OptionChecks<MigratorOptions> = {
  name: text,
  database: plainObject,
  migrations: check(
    'a path or a file URL',
    (value) => (typeof value === 'string' && value !== '') || value instanceof URL,
  ),
  migrationsTable: identifier,
  migrationsSchema: identifier,
  grantTo: listOf('role names', (item) => identifier(item) === null),
  coordinator: check(
    'a coordinator such as redlock({ urls }) (an object with kind, tryAcquire, forceRelease and close)',
    isCoordinator,
  ),
  lock: plainObject,
  policies: plainObject,
  lockTimeoutMs: positiveMilliseconds,
  lockLadderMs: milliseconds,
  codeMigrations: listOf('code migrations ({ name, up, down? })', isCodeMigration),
  operations: listOf('operations such as renameColumn(...)', isOperation),
  backfills: oneOf('up', 'worker'),
  backup: plainObject,
  requires: listOf('markers ({ name, sql, params? })', isMarker),
  readiness: plainObject,
  fleet: plainObject,
  build: text,
  actor: text,
  listeners: listOf('functions', (item) => typeof item === 'function'),
  allowStartupInProduction: boolean,
  scratch: boolean,
};

const DATABASE: OptionChecks<DatabaseOptions> = {
  // Only that it is a word, and no URL in the wrong place: `resolveConnections` knows other dialects by name, and repeats it.
  dialect: check(
    "'postgresql' or 'mysql' (also for MariaDB)",
    (value) => typeof value === 'string' && /^[a-z][\w-]{0,20}$/i.test(value),
  ),
  url: text,
  migrationUrl: text,
  connection: plainObject,
  migrationConnection: plainObject,
  client: anything,
};

const LOCK: OptionChecks<LockOptions> = {
  waitMs: milliseconds,
  pollMinMs: positiveMilliseconds,
  pollMaxMs: positiveMilliseconds,
  drain: oneOf('wait', 'terminate', 'fail'),
  drainMs: milliseconds,
};

const POLICIES: OptionChecks<Policies> = {
  outOfOrder: oneOf('apply', 'error'),
  edited: oneOf('error', 'warn'),
  ahead: oneOf('allow', 'error'),
  lint: oneOf('off', 'warn', 'error'),
};

const READINESS: OptionChecks<ReadinessOptions> = {
  notReadyIntervalMs: positiveMilliseconds,
  readyIntervalMs: positiveMilliseconds,
  unreachableGraceMs: milliseconds,
  onUnreachable: oneOf('down', 'last-known'),
  queryTimeoutMs: positiveMilliseconds,
  checksum: oneOf('degraded', 'down'),
  diverged: oneOf('degraded', 'down'),
  unknownAhead: oneOf('degraded', 'down'),
};

const BACKUP: OptionChecks<BackupOptions> = {
  directory: text,
  dataBelow: check(
    'a whole number of bytes, 0 or more',
    (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  ),
  command: plainObject,
};

const COMMANDS: OptionChecks<NonNullable<BackupOptions['command']>> = {
  pgDump: text,
  mysqldump: text,
};

const FLEET: OptionChecks<FleetOptions> = {
  mode: oneOf('auto', 'required', 'off'),
  forgetMs: milliseconds,
  service: text,
  probes: listOf('probes such as databaseSessions(...) ({ name, look })', isProbe),
};

/**
 * The run-time half of the option types, for JavaScript users and for values from environments. What the URLs say is not its question.
 * @throws {MigratorError} `CONFIGURATION`
 */
export function assertMigratorOptions(options: MigratorOptions): void {
  assertOptions('', options, MIGRATOR);
  if (options.database === undefined) {
    throw optionError('database', 'nothing', '{ dialect, url } (or connection, or client)');
  }
  assertOptions('database', options.database, DATABASE);
  if (options.lock !== undefined) assertOptions('lock', options.lock, LOCK);
  if (options.policies !== undefined) assertOptions('policies', options.policies, POLICIES);
  if (options.readiness !== undefined) assertOptions('readiness', options.readiness, READINESS);
  if (options.fleet !== undefined) assertOptions('fleet', options.fleet, FLEET);
  if (options.backup !== undefined) assertBackup(options.backup);
}

function assertBackup(backup: BackupOptions): void {
  assertOptions('backup', backup, BACKUP);
  if (backup.directory === undefined) {
    throw optionError('backup.directory', 'nothing', 'the folder that dumps go to');
  }
  if (backup.command !== undefined) assertOptions('backup.command', backup.command, COMMANDS);
}

/**
 * Holds the pauses between polls against each other, the default in place of one that is not given: half of the pair is easily set alone.
 * @throws {MigratorError} `CONFIGURATION`
 */
export function assertPollOrder(given: Partial<LockOptions>, defaults: LockOptions): void {
  const pollMinMs = given.pollMinMs ?? defaults.pollMinMs;
  const pollMaxMs = given.pollMaxMs ?? defaults.pollMaxMs;
  if (pollMinMs <= pollMaxMs) return;
  const said = (value: number, own: number | undefined): string =>
    own === undefined ? `${value}, its default` : String(value);
  throw optionError(
    given.pollMinMs === undefined ? 'lock.pollMaxMs' : 'lock.pollMinMs',
    `lock.pollMinMs (${said(pollMinMs, given.pollMinMs)}) above lock.pollMaxMs (${said(pollMaxMs, given.pollMaxMs)})`,
    `pollMinMs at most pollMaxMs; the defaults are ${defaults.pollMinMs} and ${defaults.pollMaxMs}`,
  );
}

function isCodeMigration(value: unknown): value is CodeMigration {
  return isRecord(value) || hasFunctions(value, 'up')
    ? text((value as Record<string, unknown>)['name']) === null && hasFunctions(value, 'up')
    : false;
}

/** Looks at what {@link Operation} values have in common; their constructors have checked the rest. */
function isOperation(value: unknown): value is Operation {
  return (
    isRecord(value) &&
    text(value['name']) === null &&
    isRecord(value['table']) &&
    typeof value['kind'] === 'string' &&
    OPERATION_KINDS.includes(value['kind'])
  );
}

const OPERATION_KINDS: readonly string[] = [
  'rename-column',
  'change-column-type',
  'tighten',
  'backfill',
] satisfies readonly Operation['kind'][];

function isProbe(value: unknown): value is FleetProbe {
  return hasFunctions(value, 'look') && text((value as Record<string, unknown>)['name']) === null;
}

function isMarker(value: unknown): value is Marker {
  return (
    isRecord(value) &&
    text(value['name']) === null &&
    text(value['sql']) === null &&
    (value['params'] === undefined || Array.isArray(value['params']))
  );
}
