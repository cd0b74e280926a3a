import type { Settings } from '../../database/connection-url.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import type { DumpContent, DumpedTable } from '../backup.js';
import type { TlsForPrograms } from '../tls-files.js';

/** How long it waits for a table that somebody else is changing. */
const LOCK_WAIT = '--lock-wait-timeout=60s';

/** A pattern in double quotes is a name. Rows are INSERTs with the names of their columns: for a table that has others by then. */
export function pgDumpArguments(
  content: DumpContent,
  tables: readonly DumpedTable[],
): readonly string[] {
  if (content === 'schema') return ['--schema-only', '--no-password', LOCK_WAIT];
  return [
    ...['--data-only', '--column-inserts', '--rows-per-insert=500', '--no-password', LOCK_WAIT],
    ...tables.map(({ schema, name }) => `--table=${pattern(schema)}.${pattern(name)}`),
  ];
}

const SSL_MODES: Readonly<Record<TlsForPrograms['mode'], string>> = {
  off: 'disable',
  encrypt: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
};

/**
 * Where to and as whom, all of it by the environment: arguments are for everybody to read.
 * @see https://www.postgresql.org/docs/current/libpq-envars.html
 */
export function pgDumpEnvironment(
  settings: Settings,
  database: string,
  password: string | null,
  tls: TlsForPrograms | null,
): Readonly<Record<string, string>> {
  const given: Record<string, unknown> = {
    PGHOST: settings['host'],
    PGPORT: settings['port'],
    PGUSER: settings['user'],
    PGDATABASE: database,
    PGPASSWORD: password,
    PGOPTIONS: settings['options'],
    PGAPPNAME: 'nest-migrate:backup',
    PGCONNECT_TIMEOUT: 30,
    PGSSLMODE: tls === null ? null : SSL_MODES[tls.mode],
    PGSSLROOTCERT: tls?.ca,
    PGSSLCERT: tls?.cert,
    PGSSLKEY: tls?.key,
    // Its messages are looked at in English.
    LC_MESSAGES: 'C',
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  );
}

function pattern(name: string): string {
  return quoteIdentifier('postgresql', name);
}
