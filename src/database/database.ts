import type { DriverFacts } from '../errors.js';

/** The two dialects that Drizzle Kit folders are written in. MariaDB is `mysql`. */
export type Dialect = 'postgresql' | 'mysql';

/** What actually answers on the other end. */
export type Flavour = 'postgresql' | 'pglite' | 'mysql' | 'mariadb';

/** Facts of the server and of our login on it, read once when a session is opened. */
export interface ServerInfo {
  readonly dialect: Dialect;
  readonly flavour: Flavour;
  /** As the server prints it, such as `18.4` or `10.11.19-MariaDB`. */
  readonly version: string;
  /** Comparable number: 180004, 90704, 101119. */
  readonly versionNumber: number;
  /** Name of the current database. */
  readonly database: string;
  readonly user: string;
  /** A standby, or `default_transaction_read_only` / `read_only` as it applies to this login. */
  readonly readOnly: boolean;
  /** MySQL's `@@sql_mode` parts that change how SQL text is read; empty on Postgres. */
  readonly sqlMode: SqlMode;
}

/** How the server reads SQL text. Source: MySQL manual, Server SQL Modes. */
export interface SqlMode {
  /** `"` quotes identifiers. */
  readonly ansiQuotes?: boolean;
  /** Backslash is an ordinary character in strings. */
  readonly noBackslashEscapes?: boolean;
}

/** What {@link Session.execute} reports. */
export interface ExecuteResult {
  /** Rows affected, where the server says so. */
  readonly rowCount: number | null;
}

/**
 * One checked-out connection. It is destroyed by {@link close}, never given back to a pool: session settings and locks die with it.
 * Every rejection is a `MigratorError` (`SESSION_LOST`, `UNREACHABLE`) or a {@link StatementError}; raw driver errors never leave this folder.
 */
export interface Session {
  readonly server: ServerInfo;
  /** Backend pid (Postgres) or connection id (MySQL), as text; `'in-process'` for PGlite. */
  readonly backendId: string;
  /** Aborted with a `MigratorError` as reason when the connection goes away. */
  readonly lost: AbortSignal;
  /** The driver's own client (`pg.Client`, mysql2 connection, PGlite), for binding drizzle-orm to it in a code migration. */
  readonly driver: unknown;
  /**
   * Runs one statement of ours. Parameters are `$1` (Postgres) or `?` (MySQL). bigint, numeric, dates and times arrive as text, whatever the
   * application registered with its driver; json arrives parsed, except on MariaDB, where it is text.
   * Postgres: without parameters the simple protocol is used, with parameters the extended one.
   *
   * @param options.prepare keep the statement on the server under a name, so that it is parsed and planned once: for what a run sends
   * once a migration. Postgres runners only; ignored elsewhere. @default false
   */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Row[]>;
  /** Runs one statement of a migration as it stands in the file, without parameters, by the simple (text) protocol. */
  execute(statement: string): Promise<ExecuteResult>;
  /** Cancels the running statement from a second connection (`pg_cancel_backend`, `KILL QUERY`). Resolves when the request was sent. */
  cancel(): Promise<void>;
  /** Destroys the connection. Never rejects; may be called twice. */
  close(): Promise<void>;
}

/** How {@link Session.query} sends a statement. */
export interface QueryOptions {
  readonly prepare?: boolean;
}

/** What a session is opened for; decides address, settings and time-outs. */
export interface ConnectOptions {
  /**
   * `runner`: the migration URL, keep-alives, `client_connection_check_interval`, `lock_wait_timeout`.
   * `reader`: the application's URL, works through any pooler: no startup parameters, no session state (locks.md 7.2, operating.md 2.4).
   */
  readonly role: 'runner' | 'reader';
  /** How the session names itself to the server (`application_name`); cut to 63 bytes. Ignored for readers. */
  readonly applicationName?: string;
  /** Milliseconds to establish the connection. @default 10000 for runners, 800 for readers */
  readonly connectTimeoutMs?: number;
  /** Milliseconds one statement may take, enforced by the client. @default none for runners, 500 for readers */
  readonly queryTimeoutMs?: number;
  /** Facts of server and login that an earlier session of this database has read: they are not asked for again. Readers only. @default asked for */
  readonly known?: ServerInfo;
  readonly signal?: AbortSignal;
}

/** A database as configured: opens sessions, owns nothing else. A value; several databases are several values. */
export interface Database {
  readonly dialect: Dialect;
  /** `host:port/database` for humans, without credentials. */
  readonly label: string;
  /**
   * Opens a session of its own.
   * @throws {MigratorError} `UNREACHABLE`, `CREDENTIALS`, `DATABASE_MISSING`, `MISSING_PRIVILEGE`, `WRONG_DIALECT`, `UNSUPPORTED_DIALECT`,
   * `CONFIGURATION` (TLS, no database named), `MISSING_PACKAGE`; for runners `POOLER_DETECTED`
   */
  connect(options: ConnectOptions): Promise<Session>;
  /** Closes what this value itself opened (PGlite created from a path). Never a client that the user passed in. */
  close(): Promise<void>;
}

/**
 * A statement was refused by the server: allow-listed facts, and what they mean for whoever decides what to do next.
 * Not for users: `run/` turns it into a `MigratorError` with a place.
 */
export class StatementError extends Error {
  constructor(
    readonly facts: DriverFacts,
    /** What kind of failure it is, where the dialect's code tells. */
    readonly kind: StatementErrorKind,
    options?: ErrorOptions,
  ) {
    super(`statement failed (${facts.code ?? facts.errno ?? 'no code'})`);
    this.name = 'StatementError';
    if (options?.cause !== undefined) {
      // Not enumerable, and left out by the inspect method below: the driver's error holds row values and SQL.
      Object.defineProperty(this, 'cause', { value: options.cause, enumerable: false });
    }
  }

  toJSON(): Record<string, unknown> {
    return { name: this.name, message: this.message, kind: this.kind, facts: this.facts };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `${this.stack ?? this.message} ${JSON.stringify(this.toJSON())}`;
  }
}

/** Dialect-neutral meaning of a server error. */
export type StatementErrorKind =
  | 'lock-timeout' // 55P03, ER_LOCK_WAIT_TIMEOUT 1205
  | 'deadlock' // 40P01, ER_LOCK_DEADLOCK 1213
  | 'serialization' // 40001
  | 'cancelled' // 57014, ER_QUERY_INTERRUPTED 1317
  | 'statement-timeout' // 57014 by statement_timeout, 3024, MariaDB 1969
  | 'missing-table' // 42P01, 1146
  | 'missing-schema' // 3F000, 1049
  | 'privilege' // 42501, 1142, 1044, 1227 ...
  | 'read-only' // 25006, 1290, 1836
  | 'duplicate-object' // 42P07, 42710, 42701, 1050, 1060, 1061
  | 'not-in-transaction' // 25001
  | 'other';
