import type { Dialect, Session } from './database/database.js';
import type { FleetMode, FleetProbe } from './fleet/fleet.js';
import type { Coordinator, LockOptions } from './lock/lock.js';
import type { Operation } from './operations/operation.js';
import type { BackfillsBy, Policies } from './plan/plan.js';
import type { RunListener } from './run-events.js';

/** Where a database is and how to reach it. */
export interface DatabaseOptions {
  /** MariaDB is `mysql`. */
  readonly dialect: Dialect;
  /** The application's connection URL. Readiness uses it, also through a transaction pooler. */
  readonly url?: string;
  /**
   * A direct URL for the runner, where {@link url} leads through a transaction pooler or another role migrates.
   * @default the same as `url`; environment `MIGRATION_DATABASE_URL`
   */
  readonly migrationUrl?: string;
  /**
   * The driver's own connection configuration (`pg.ClientConfig`, `mysql2.ConnectionOptions`): TLS, `password` as an async function (IAM, Vault), sockets.
   * Merged over what the URL says.
   */
  readonly connection?: Readonly<Record<string, unknown>>;
  /** The same for the runner only. */
  readonly migrationConnection?: Readonly<Record<string, unknown>>;
  /**
   * An existing client whose settings are used when no URL is given: a pg or mysql2 pool, a Drizzle database (`$client`), or a PGlite instance.
   * Never closed by us. Readiness opens a connection of its own with its settings, so that an exhausted pool does not matter.
   */
  readonly client?: unknown;
}

/** What a code migration (`-- @run <name>`) gets. */
export interface CodeMigrationContext {
  /** The runner's session, inside the unit's transaction where there is one. */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<Row[]>;
  /** A Drizzle database on the same session (drizzle-orm of the user's project). Typed by the caller. */
  drizzle<Db>(): Promise<Db>;
  readonly dialect: Dialect;
  /** Aborted when the run must stop. */
  readonly signal: AbortSignal;
  /** Advanced: the session itself. */
  readonly session: Session;
}

/** A migration step in TypeScript, called by `-- @run <name>` in a migration file. */
export interface CodeMigration {
  /** As in `-- @run <name>`. */
  readonly name: string;
  /** Runs inside the open transaction; on MySQL in one of its own. What it throws is `CODE_MIGRATION_FAILED`. */
  up(context: CodeMigrationContext): Promise<void>;
  /** The way back, called by `-- @run <name>` in a down file. @default none: a down file that calls it is refused */
  down?(context: CodeMigrationContext): Promise<void>;
}

/** A check of the user's own that readiness asks for: read-only SQL that must return at least one row whose first column is truthy. */
export interface Marker {
  /** Stands in the body of a replica that is not ready. */
  readonly name: string;
  readonly sql: string;
  /** Values for the placeholders of the driver: `$1` (Postgres), `?` (MySQL). @default none */
  readonly params?: readonly unknown[];
}

/** Options of readiness (DESIGN 9). */
export interface ReadinessOptions {
  /** Milliseconds between reads while not ready. @default 1000 */
  readonly notReadyIntervalMs?: number;
  /** Milliseconds between reads while ready. @default 10000 */
  readonly readyIntervalMs?: number;
  /** Milliseconds a replica that was ready stays degraded while the database cannot be reached, before it is down. @default 15000 */
  readonly unreachableGraceMs?: number;
  /** After the grace: `down`, or keep the last known state. @default 'down' */
  readonly onUnreachable?: 'down' | 'last-known';
  /** Milliseconds one query of a read may take; a read is a few of them. @default 500 */
  readonly queryTimeoutMs?: number;
  /** An applied migration whose file differs, for a replica that was never ready. @default 'degraded' */
  readonly checksum?: 'degraded' | 'down';
  /** Ledger rows this build does not know, inside its own history, for a replica that was never ready. @default 'down' */
  readonly diverged?: 'degraded' | 'down';
  /** Ledger rows this build does not know and that no attempt declares compatible, for a replica that was never ready. @default 'degraded' */
  readonly unknownAhead?: 'degraded' | 'down';
}

/** What is put by before a contract takes something away for good. */
export interface BackupOptions {
  /** Folder that the dumps go to, absolute or relative to the working directory; made when it is missing. */
  readonly directory: string;
  /**
   * Bytes. Tables that the contract takes rows from are dumped when they are smaller altogether; else `up` refuses (`REFUSED_BACKUP`) until it is given
   * the name of a snapshot. The schema is dumped always. @default 100000000
   */
  readonly dataBelow?: number;
  /** The programs of the server's vendor, by path or name; each at least of the server's major version. @default as found on the PATH */
  readonly command?: {
    /** @default 'pg_dump' */
    readonly pgDump?: string;
    /** @default 'mysqldump'; MariaDB 'mariadb-dump', else 'mysqldump' */
    readonly mysqldump?: string;
  };
}

/** How the running instances of this application are known, and asked before a migration that older builds could miss. */
export interface FleetOptions {
  /**
   * `auto`: asked as soon as any instance has registered. `required`: an empty registry is a refusal, and a replica that cannot register stays down.
   * `off`: nobody is asked, nobody registers. @default 'auto'
   */
  readonly mode?: FleetMode;
  /** Milliseconds that an instance which fell silent is waited for after its lease (35 s) is over. @default 300000; 0 where `NODE_ENV` is `development` or `test` */
  readonly forgetMs?: number;
  /** Name of this application in the registry. @default environment `OTEL_SERVICE_NAME`, else `npm_package_name`, else `app` */
  readonly service?: string;
  /** How to look for what runs and never registers, such as `databaseSessions(...)`. @default [] */
  readonly probes?: readonly FleetProbe[];
}

/** Options of `createMigrator` and `MigratorModule.forRoot`. */
export interface MigratorOptions {
  /** Name, where one application has several databases. @default 'default' */
  readonly name?: string;
  readonly database: DatabaseOptions;
  /**
   * The Drizzle Kit folder: relative to the working directory, absolute, or a file URL. For a process that never migrates also the manifest of one
   * (`nest-migrate manifest --out manifest.json`). @default './drizzle'
   */
  readonly migrations?: string | URL;
  /** As `migrations.table` in drizzle.config.ts. @default '__drizzle_migrations' */
  readonly migrationsTable?: string;
  /** As `migrations.schema` in drizzle.config.ts; Postgres only. @default 'drizzle' */
  readonly migrationsSchema?: string;
  /** Roles that may read the ledger and write their own row of the registry: replicas under least privilege. @default [] */
  readonly grantTo?: readonly string[];
  /** Optional outer lock, such as `redlock({ urls })`. @default none */
  readonly coordinator?: Coordinator;
  /** Waiting for the lock, and what to do with a predecessor that still lives; each field has its default. */
  readonly lock?: Partial<LockOptions>;
  /** What to do where journal and ledger disagree; each field has its default. */
  readonly policies?: Partial<Policies>;
  /**
   * Milliseconds one statement may wait for its table lock before it is cancelled and tried again; MySQL rounds up to whole seconds.
   * @default 500 (Postgres), 1000 (MySQL)
   */
  readonly lockTimeoutMs?: number;
  /** Milliseconds the lock-timeout ladder may take altogether. @default 600000 */
  readonly lockLadderMs?: number;
  /** Code migrations by name, for `-- @run`. @default [] */
  readonly codeMigrations?: readonly CodeMigration[];
  /** Operations, for `-- @operation`: made by `renameColumn`, `tightenNotNull` and the like. @default [] */
  readonly operations?: readonly Operation[];
  /**
   * Who goes through the rows of operations: `up` itself, under the migration lock; or a worker, to whom `up` leaves the phases backfill and verify and
   * who carries them out by `backfill run`, under a lock of its own. For tables that take hours.
   * @default 'up'
   */
  readonly backfills?: BackfillsBy;
  /** Dumps before contracts. @default none; `up` says what is lost */
  readonly backup?: BackupOptions;
  /** Readiness markers of your own. @default [] */
  readonly requires?: readonly Marker[];
  readonly readiness?: ReadinessOptions;
  readonly fleet?: FleetOptions;
  /** Release or image tag, recorded with every attempt. @default environment `RELEASE` or `GIT_SHA`, else null */
  readonly build?: string;
  /** Who or what started the run, recorded with every attempt. @default environment `GITHUB_RUN_ID` (as `github-run:<id>`), else `CI_JOB_URL`, else the host name */
  readonly actor?: string;
  /** Listeners of run events. @default [] */
  readonly listeners?: readonly RunListener[];
  /** Controlled start-up (`migrateBeforeStart`) with `NODE_ENV=production`. @default false */
  readonly allowStartupInProduction?: boolean;
  /**
   * The database is a test's own and nobody's data is in it: it is treated as empty throughout. Operations and online forms are the statements that they
   * cover, contracts and ways back ask nobody, nothing is backed up. Refused with `NODE_ENV=production`.
   * @default false
   */
  readonly scratch?: boolean;
}
