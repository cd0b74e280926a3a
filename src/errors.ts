/**
 * Every error code a user can meet, and the exit code of the command line that goes with it (DESIGN 11).
 * Codes are stable: scripts and alerts match on them. Messages are not.
 */
export const EXIT_CODES = {
  // 1: a migration failed
  MIGRATION_FAILED: 1,
  MIGRATION_NOT_PERMITTED: 1,
  INDEX_INVALID: 1,
  CODE_MIGRATION_FAILED: 1,
  BACKFILL_CANCELLED: 1,
  ROWS_IN_THE_WAY: 1,
  INTERNAL: 1,
  // 2: something this build requires is pending (status --check, plan --check)
  PENDING: 2,
  // 3: lock, coordinator or table lock not obtained in time; lease lost
  LOCK_WAIT_TIMEOUT: 3,
  LOCK_LOST: 3,
  FENCED: 3,
  PREDECESSOR_ALIVE: 3,
  COORDINATOR_UNREACHABLE: 3,
  BOOTSTRAP_RACE: 3,
  LOCK_TIMEOUT: 3,
  WAIT_TIMEOUT: 3,
  BACKFILL_STALLED: 3,
  FLEET_TIMEOUT: 3,
  // 4: verify or lint failed
  JOURNAL_NOT_FOUND: 4,
  JOURNAL_EMPTY: 4,
  JOURNAL_MALFORMED: 4,
  JOURNAL_FILE_MISSING: 4,
  JOURNAL_MIXED_LAYOUT: 4,
  JOURNAL_DUPLICATE_TAG: 4,
  JOURNAL_BAD_NAME: 4,
  JOURNAL_CHANGED: 4,
  INVALID_UTF8: 4,
  UNKNOWN_DIRECTIVE: 4,
  INVALID_DIRECTIVE: 4,
  UNKNOWN_OPERATION: 4,
  OPERATION_MISMATCH: 4,
  OPERATION_CHANGED: 4,
  UNKNOWN_CODE_MIGRATION: 4,
  UNTERMINATED: 4,
  STATEMENT_REFUSED: 4,
  EDITED: 4,
  AMBIGUOUS: 4,
  LEDGER_NEWER_THAN_JOURNAL: 4,
  LEDGER_AHEAD: 4,
  LINT: 4,
  SNAPSHOT_UNUSABLE: 4,
  // 5: an interrupted or failed run needs repair
  ATTEMPT_INTERRUPTED: 5,
  DOWN_UNFINISHED: 5,
  // 6: database unreachable
  UNREACHABLE: 6,
  SESSION_LOST: 6,
  // 7: refused
  REFUSED_BREAKING: 7,
  REFUSED_HELD_BACK: 7,
  REFUSED_FLEET: 7,
  REFUSED_BACKUP: 7,
  BACKUP_FAILED: 7,
  INCOMPATIBLE_BUILD: 7,
  FLEET_OBJECTED: 7,
  NO_WAY_BACK: 7,
  REFUSED_IN_USE: 7,
  REFUSED_OUT_OF_ORDER: 7,
  REFUSED_UNLOCK: 7,
  REFUSED_PRODUCTION: 7,
  REFUSED_REPAIR: 7,
  DOWN_NOT_DRAFTED: 7,
  OPERATION_REFUSED: 7,
  OPERATION_OUT_OF_ORDER: 7,
  // 64: usage or configuration
  USAGE: 64,
  CONFIGURATION: 64,
  CREDENTIALS: 64,
  DATABASE_MISSING: 64,
  READ_ONLY: 64,
  MISSING_PRIVILEGE: 64,
  WRONG_DIALECT: 64,
  UNSUPPORTED_DIALECT: 64,
  MISSING_PACKAGE: 64,
  POOLER_DETECTED: 64,
  COORDINATOR_MISCONFIGURED: 64,
  UNKNOWN_TAG: 64,
  UNKNOWN_BACKFILL: 64,
  OPERATION_INVALID: 64,
  // stopped by a signal
  INTERRUPTED_SIGINT: 130,
  INTERRUPTED_SIGTERM: 143,
} as const;

/** A stable code, see {@link EXIT_CODES}. */
export type ErrorCode = keyof typeof EXIT_CODES;

/** Where in the user's files an error belongs. Never contains SQL text. */
export interface ErrorPlace {
  /** The migration's tag. */
  readonly migration?: string;
  /** Path of the file, as the user configured it. */
  readonly file?: string;
  /** 1-based number of the statement in the file. */
  readonly statement?: number;
  /** How many statements the file has. */
  readonly statements?: number;
  /** 1-based line in the file. */
  readonly line?: number;
  /** The operation that an operator's command was at, by its name. */
  readonly operation?: string;
  /** What of it, as `operation.action` names it. */
  readonly action?: string;
}

/** Allow-listed facts of a driver's error: nothing here can hold SQL, a parameter or a row value. */
export interface DriverFacts {
  /** SQLSTATE (Postgres) or symbol such as `ER_DUP_FIELDNAME` (MySQL), or a system code such as `ECONNREFUSED`. */
  readonly code?: string;
  /** MySQL's error number. */
  readonly errno?: number;
  /** SQLSTATE, where the driver gives one beside {@link code}. */
  readonly sqlState?: string;
  readonly severity?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly dataType?: string;
  readonly routine?: string;
  /** Where in the statement Postgres stopped: 1-based, in characters of what was sent. */
  readonly position?: number;
}

/** Values that may stand in an error's details: facts, never secrets. */
export type ErrorDetail =
  | string
  | number
  | boolean
  | null
  | readonly ErrorDetail[]
  | { readonly [key: string]: ErrorDetail };

/** What a {@link MigratorError} is made of. */
export interface MigratorErrorInit {
  /** What happened, in one or two sentences for a reader at 3 a.m. */
  readonly message: string;
  /** The next command to type, or the next thing to do. */
  readonly remedy: string;
  readonly place?: ErrorPlace;
  /** What state this leaves: what is applied, what was rolled back. */
  readonly state?: string;
  readonly driver?: DriverFacts;
  readonly details?: Readonly<Record<string, ErrorDetail>>;
  /** The raw error, for a debugger. Never printed by us. */
  readonly cause?: unknown;
}

/**
 * The one class of error that this package throws at its users.
 * `toJSON` and `util.inspect` print allow-listed fields only: the raw `cause` may hold secrets and is left out of both.
 */
export class MigratorError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly place: ErrorPlace;
  readonly state: string | undefined;
  readonly driver: DriverFacts | undefined;
  readonly details: Readonly<Record<string, ErrorDetail>>;

  constructor(code: ErrorCode, init: MigratorErrorInit) {
    super(init.message);
    this.name = 'MigratorError';
    this.code = code;
    this.remedy = init.remedy;
    this.place = init.place ?? {};
    this.state = init.state;
    this.driver = init.driver;
    this.details = init.details ?? {};
    if (init.cause !== undefined) {
      // Not enumerable, so that loggers which walk an error's own properties do not print it.
      Object.defineProperty(this, 'cause', { value: init.cause, enumerable: false });
    }
  }

  /** The exit code of the command line for this error (DESIGN 11). */
  get exitCode(): number {
    return EXIT_CODES[this.code];
  }

  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      exitCode: this.exitCode,
      message: this.message,
      remedy: this.remedy,
      ...(Object.keys(this.place).length > 0 && { place: this.place }),
      ...(this.state !== undefined && { state: this.state }),
      ...(this.driver !== undefined && { driver: this.driver }),
      ...(Object.keys(this.details).length > 0 && { details: this.details }),
    };
  }

  /** The same error, with some of what it says put otherwise by one who knows more of where it happened. */
  restated(changes: Partial<Omit<MigratorErrorInit, 'cause'>>): MigratorError {
    const { message, remedy, place, state, driver, details, cause } = this;
    return new MigratorError(this.code, {
      ...{ message, remedy, place, details, cause },
      ...(state !== undefined && { state }),
      ...(driver !== undefined && { driver }),
      ...changes,
    });
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `MigratorError ${JSON.stringify(this.toJSON(), null, 2)}`;
  }
}

/** Whether a value is ours, also when two copies of this package are loaded: by shape, not by `instanceof`. */
export function isMigratorError(error: unknown): error is MigratorError {
  return (
    error instanceof Error &&
    error.name === 'MigratorError' &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code in EXIT_CODES
  );
}
