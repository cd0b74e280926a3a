import type { ServerInfo } from '../database/database.js';

/** The option `backup` with its defaults. */
export interface BackupSettings {
  /** Absolute path of the folder that the dumps go to; made when it is missing. */
  readonly directory: string;
  /** Bytes: tables that are smaller altogether are dumped with their rows. */
  readonly dataBelow: number;
  /** The programs; null = the one on the PATH. */
  readonly command: { readonly pgDump: string | null; readonly mysqldump: string | null };
}

/** A table whose rows are dumped. */
export interface DumpedTable {
  /** Schema, or database on MySQL. */
  readonly schema: string;
  readonly name: string;
}

/** What a dump holds: the definitions of the whole database, or the rows of some tables. */
export type DumpContent = 'schema' | 'data';

/** A dump that is complete and on disk. */
export interface DumpFile {
  readonly content: DumpContent;
  /** Absolute. */
  readonly path: string;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What is asked of {@link Backups.take}. */
export interface BackupRequest {
  /** The migration that it is taken for. */
  readonly tag: string;
  readonly server: ServerInfo;
  /** Whose rows are dumped; empty = the schema alone. */
  readonly tables: readonly DumpedTable[];
  /** Milliseconds since 1970: stands in the names of the files. */
  readonly at: number;
  /** Ends the dump program; its reason is what {@link Backups.take} then throws. */
  readonly signal: AbortSignal;
  readonly onStart: (content: DumpContent) => void;
  readonly onFile: (file: DumpFile, durationMs: number) => void;
}

/** Takes dumps of one database. */
export interface Backups {
  /** Bytes below which rows are dumped. */
  readonly dataBelow: number;
  /** Why no dump program can reach the database; null = one can. */
  readonly unreachable: string | null;
  /**
   * The schema, and the rows of the tables given. What is incomplete is removed.
   * @throws {MigratorError} `BACKUP_FAILED`, `CREDENTIALS`; the signal's reason
   */
  take(request: BackupRequest): Promise<readonly DumpFile[]>;
}
