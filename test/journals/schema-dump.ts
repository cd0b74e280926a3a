import { dumpMysqlRows, dumpMysqlSchema } from './mysql-dump.js';
import { dumpPostgresRows, dumpPostgresSchema } from './postgres-dump.js';

/** What a dump leaves out. */
export interface DumpOptions {
  /** Postgres: the schema of the ledger and our own tables. @default 'drizzle' */
  readonly ledgerSchema?: string;
  /** MySQL: tables to leave out. @default the ledger and our own */
  readonly exceptTables?: RegExp;
  /** Rows only: columns that hold the time of the run. @default [] */
  readonly exceptColumns?: readonly string[];
}

/**
 * The schema behind a URL as text to compare: `pg_dump -s`, or SHOW CREATE of every table, view, trigger, routine and event. Ledger and our own
 * tables are left out, so that what stock `migrate()` built and what we built must be equal.
 */
export function dumpSchema(url: string, options: DumpOptions = {}): Promise<string> {
  return url.startsWith('mysql') ? dumpMysqlSchema(url, options) : dumpPostgresSchema(url, options);
}

/** All rows behind a URL as text to compare. */
export function dumpRows(url: string, options: DumpOptions = {}): Promise<string> {
  return url.startsWith('mysql') ? dumpMysqlRows(url, options) : dumpPostgresRows(url, options);
}
