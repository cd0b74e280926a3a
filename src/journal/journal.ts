import type { MigratorError } from '../errors.js';
import type { ClassifiedStatement, Impact } from '../statements/statement.js';
import type { Finding } from '../run-events.js';
import type { Manifest, ManifestMigration } from './manifest.js';

/** Which of Drizzle Kit's folder layouts: 0.x `meta/_journal.json`, or 1.x one folder a migration. */
export type JournalLayout = 'journal' | 'folder';

/** One entry of the journal, with the checksum Drizzle would write. Not parsed. */
export interface Migration {
  /** 0.x: the tag (`0003_add_email`); 1.x: the folder name. */
  readonly tag: string;
  readonly layout: JournalLayout;
  /** 0-based position in the journal, which is the order of application. */
  readonly position: number;
  /** Journal `when`, or the UTC time of the folder's 14 digits, in milliseconds. */
  readonly createdAtMs: number;
  /** SHA-256 in lower-case hex of the file decoded as UTF-8 and encoded again: what Drizzle writes as `hash`. */
  readonly checksum: string;
  /** Path of the SQL file as the user configured the folder, for errors. */
  readonly file: string;
  /** 1-based line of the first byte that is not UTF-8, or null. An error once the file is parsed, i.e. for pending migrations only. */
  readonly invalidLine: number | null;
  /**
   * The file's text, BOM included; read again each time, so that a long journal costs no memory.
   *
   * @throws {MigratorError} `JOURNAL_CHANGED` when the file is no longer the one that {@link checksum} was taken of
   */
  read(): string;
  /** Checksums that the file would have with LF and with CRLF line ends throughout: what git's `autocrlf` may have made of it. */
  lineEndingChecksums(): readonly string[];
  /** What the manifest says of it, where there is no file to read; absent = there is a file. */
  readonly declared?: ManifestMigration;
  /** Path of the down file, if there is one. */
  readonly downFile: string | null;
  /**
   * The way back as a migration of its own, under the same tag: its file is the down file, read now. Null = there is no down file.
   *
   * @throws {MigratorError} `JOURNAL_CHANGED` when the file is gone since the folder was listed
   */
  readDown(): Migration | null;
}

/** What this build ships: the ordered migrations of a folder. */
export interface Journal {
  readonly layout: JournalLayout;
  /** The folder, as configured. */
  readonly folder: string;
  readonly migrations: readonly Migration[];
  /** Present where it is all that there is: nothing can be run. */
  readonly manifest?: Manifest;
  /** Orphan files, times that do not increase, and the like. */
  readonly findings: readonly Finding[];
}

/** Directives of one migration (DESIGN 4), validated. */
export interface Directives {
  /** `@operation` and `@online` cover the statements from `fromStatement` up to the next such line or the end of the file. */
  readonly operations: readonly {
    readonly name: string;
    readonly phase: 'expand' | 'backfill' | 'verify' | 'contract';
    readonly fromStatement: number;
    readonly line: number;
  }[];
  readonly online: readonly { readonly fromStatement: number; readonly line: number }[];
  /** `@operation <name> undo`, in down files only: the statements below are left out where that operation is undone. */
  readonly undone: readonly {
    readonly name: string;
    readonly fromStatement: number;
    readonly line: number;
  }[];
  /** `@run`: registered code migrations, and before which statement each stands. */
  readonly run: readonly {
    readonly name: string;
    readonly beforeStatement: number;
    readonly line: number;
  }[];
  readonly impact: Impact | null;
  readonly requires: string | null;
  readonly transaction: 'off' | null;
  readonly lockTimeoutMs: number | null;
  readonly statementTimeoutMs: number | null;
  readonly allow: readonly {
    readonly rule: string;
    readonly reason: string;
    readonly line: number;
  }[];
  readonly irreversible: string | null;
}

/** The statements that one `@operation` or `@online` line stands above. */
export interface Coverage {
  readonly kind: 'operation' | 'online';
  /** 1-based line of the directive. */
  readonly line: number;
  /** Index of the first statement. */
  readonly from: number;
  /** Index behind the last one; equal to `from` where the line covers none. */
  readonly until: number;
}

/** One statement of an online form, in the place of the statement that it is of. */
export interface OnlineStatement {
  readonly statement: ClassifiedStatement;
  /** 0-based: statements of one unit commit together, apart from every other unit. */
  readonly unit: number;
  /** False = it cannot be in a transaction, and is a unit of its own. */
  readonly transaction: boolean;
}

/** A migration whose text has been read: statements, directives, impact. Made lazily, for pending migrations. */
export interface ParsedMigration {
  readonly migration: Migration;
  readonly statements: readonly ClassifiedStatement[];
  readonly directives: Directives;
  /** What each `@operation` and `@online` line covers, by line. */
  readonly coverage: readonly Coverage[];
  /** What runs in place of statements below `@online`, by their index; those without an online form are not in it. */
  readonly online: ReadonlyMap<number, readonly OnlineStatement[]>;
  /** Over the tokens without comments and white space; lower-case hex SHA-256. */
  readonly tokenChecksum: string;
  /** Computed from the statements, or as `@impact` says. */
  readonly impact: Impact;
  /**
   * `@requires`, or the migration's own tag where it takes away or changes what an older build uses, or null. Also where that was created in the same
   * pending range, so that nobody has to be asked now: an older build may come to this database later.
   */
  readonly requires: string | null;
  /** Keys of the objects that it creates, for later migrations of the same pending range. */
  readonly created: ReadonlySet<string>;
  readonly findings: readonly Finding[];
  /** Why it cannot be carried out by who has read it, although the file is sound: what it calls is registered nowhere. */
  readonly unregistered: readonly MigratorError[];
}
