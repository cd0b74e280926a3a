import { MigratorError } from '../errors.js';
import type { DatabaseOptions } from '../options.js';
import type { ConnectOptions } from './database.js';
import { parseConnectionUrl, unsupportedDatabase } from './connection-url.js';
import type { Settings } from './connection-url.js';
import { readExistingClient } from './existing-client.js';
import type { ExistingClient } from './existing-client.js';

/** Where sessions of one role go. Holds the password: never printed, never put into an error. */
export interface ConnectionTarget {
  /** `host:port/database` for humans. */
  readonly label: string;
  /** Settings of the driver. */
  readonly settings: Settings;
  /** The URL, for what only the driver reads from it (TLS parameters of Postgres URLs). */
  readonly url: string | null;
  readonly onConnect: ((client: unknown) => Promise<void>) | null;
}

/** Both targets of a database with a server. */
export type ConnectionTargets = Readonly<Record<ConnectOptions['role'], ConnectionTarget>>;

/** What the options come to: a server, or PGlite inside this process. */
export type Connections =
  | { readonly driver: 'pg' | 'mysql2'; readonly targets: ConnectionTargets }
  | {
      readonly driver: 'pglite';
      /** The user's instance, never closed by us; else a directory to open. */
      readonly instance: unknown;
      readonly dataDir: string | null;
    };

/** PGlite for humans. */
export function pgliteLabel({ dataDir }: { readonly dataDir: string | null }): string {
  return `pglite:${dataDir ?? 'instance'}`;
}

/** Dialects of Drizzle Kit that we refuse by name. */
const UNSUPPORTED_DIALECTS: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  turso: 'Turso (libSQL)',
  libsql: 'libSQL (Turso)',
  singlestore: 'SingleStore',
  mssql: 'SQL Server',
  cockroach: 'CockroachDB',
  cockroachdb: 'CockroachDB',
  gel: 'Gel',
  duckdb: 'DuckDB',
};

/**
 * Where the runner and the readers connect to. The nearer word wins:
 * readers `url` then `connection` over it, or `client`; the runner the same with `migrationUrl` and `migrationConnection` over all of it.
 * @throws {MigratorError} `CONFIGURATION`, `WRONG_DIALECT`, `UNSUPPORTED_DIALECT`
 */
export function resolveConnections(options: DatabaseOptions): Connections {
  assertDialect(options.dialect);
  const url = read(options, 'url');
  const migrationUrl = read(options, 'migrationUrl');
  const client =
    options.client === undefined || options.client === null
      ? null
      : readExistingClient(options.dialect, options.client);

  const dataDir = pgliteDirectory(options, url);
  if (dataDir !== null) return { driver: 'pglite', instance: null, dataDir };
  if (client?.driver === 'pglite') {
    if (url === null && migrationUrl === null) {
      return { driver: 'pglite', instance: client.instance, dataDir: null };
    }
    throw contradictory('a PGlite client and the URL of a server');
  }
  if (migrationUrl?.driver === 'pglite') throw contradictory('a server and a PGlite migrationUrl');

  const base = baseSettings(options, url?.driver === 'pglite' ? null : url, client);
  const common = { ...base.settings, ...options.connection };
  const reader = target(options, common, base.url, base.onConnect);
  const runner =
    migrationUrl === null
      ? target(options, { ...common, ...options.migrationConnection }, base.url, base.onConnect)
      : target(
          options,
          { ...common, ...migrationUrl.settings, ...options.migrationConnection },
          options.migrationUrl ?? null,
          base.onConnect,
        );
  return {
    driver: options.dialect === 'mysql' ? 'mysql2' : 'pg',
    targets: { reader, runner },
  };
}

type Server = Extract<ExistingClient, { settings: Settings }>;

function baseSettings(
  options: DatabaseOptions,
  url: { readonly settings: Settings } | null,
  client: Server | null,
): {
  readonly settings: Settings;
  readonly url: string | null;
  readonly onConnect: Server['onConnect'];
} {
  if (url !== null) {
    return {
      settings: url.settings,
      url: options.url ?? null,
      onConnect: client?.onConnect ?? null,
    };
  }
  if (client !== null) {
    const inner = innerUrl(client.settings);
    if (inner === null)
      return { settings: client.settings, url: null, onConnect: client.onConnect };
    const parsed = parseConnectionUrl(options.dialect, inner, "the client's connection string");
    if (parsed.driver === 'pglite') throw contradictory('a client of a server and a PGlite URL');
    // As in pg, what the connection string says wins over what stands beside it.
    return {
      settings: { ...client.settings, ...parsed.settings },
      url: inner,
      onConnect: client.onConnect,
    };
  }
  if (options.connection !== undefined || options.migrationUrl !== undefined) {
    return { settings: {}, url: null, onConnect: null };
  }
  throw new MigratorError('CONFIGURATION', {
    message: 'The options name no database: none of url, connection or client is given.',
    state: 'Nothing was connected to and nothing was changed.',
    remedy: 'Set database.url, for example from the environment variable DATABASE_URL.',
  });
}

/** `new Pool({ connectionString })`, `createPool({ uri })`. */
function innerUrl(settings: Settings): string | null {
  const value = settings['connectionString'] ?? settings['uri'];
  return typeof value === 'string' ? value : null;
}

function target(
  options: DatabaseOptions,
  settings: Settings,
  url: string | null,
  onConnect: ConnectionTarget['onConnect'],
): ConnectionTarget {
  return { label: labelOf(options, settings), settings, url, onConnect };
}

function labelOf({ dialect }: DatabaseOptions, settings: Settings): string {
  const text = (name: string, otherwise: string): string => {
    const value = settings[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
  };
  const database = text('database', text('user', ''));
  const socket = text('socketPath', '');
  if (socket !== '') return `${socket}/${database}`;
  const host = text('host', 'localhost');
  return `${host.includes(':') ? `[${host}]` : host}:${text('port', dialect === 'mysql' ? '3306' : '5432')}/${database}`;
}

function read(options: DatabaseOptions, option: 'url' | 'migrationUrl') {
  const value: unknown = options[option];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.trim() === '') {
    throw new MigratorError('CONFIGURATION', {
      message: `database.${option} is ${typeof value === 'string' ? 'empty' : `not a string but ${typeof value}`}.`,
      state: 'Nothing was connected to and nothing was changed.',
      remedy: `Set database.${option}, or leave it out. Is the environment variable it comes from set?`,
    });
  }
  return parseConnectionUrl(options.dialect, value, `database.${option}`);
}

function pgliteDirectory(
  { connection }: DatabaseOptions,
  url: ReturnType<typeof read>,
): string | null {
  if (url?.driver === 'pglite') return url.dataDir;
  const dataDir = connection?.['dataDir'];
  if (typeof dataDir === 'string') return dataDir;
  return connection?.['driver'] === 'pglite' ? 'memory://' : null;
}

function assertDialect(dialect: string): void {
  if (dialect === 'postgresql' || dialect === 'mysql') return;
  const unsupported = UNSUPPORTED_DIALECTS[dialect];
  if (unsupported !== undefined) throw unsupportedDatabase(unsupported);
  const meant = { postgres: 'postgresql', pg: 'postgresql', mariadb: 'mysql', mysql2: 'mysql' }[
    dialect
  ];
  throw new MigratorError('CONFIGURATION', {
    message:
      typeof dialect === 'string'
        ? `There is no dialect ${JSON.stringify(dialect.slice(0, 40))}.`
        : 'The option database.dialect is missing.',
    state: 'Nothing was connected to and nothing was changed.',
    remedy: `Set dialect to ${meant === undefined ? "'postgresql' or 'mysql' (also for MariaDB)" : `'${meant}'`}, as in drizzle.config.ts.`,
  });
}

function contradictory(what: string): MigratorError {
  return new MigratorError('CONFIGURATION', {
    message: `The options name two databases: ${what}.`,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: 'Give one of url, connection or client.',
  });
}
