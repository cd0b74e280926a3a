import { MigratorError } from '../errors.js';
import type { Dialect } from './database.js';

/** Postgres cuts longer names silently (NAMEDATALEN - 1 bytes), which would make two names one. */
const POSTGRES_NAME_BYTES = 63;
/** MySQL refuses longer names (error 1059). Source: MySQL manual, Identifier Length Limits. */
const MYSQL_NAME_CHARACTERS = 64;

/**
 * Quotes one identifier for SQL text. The only way a name gets into a statement of ours.
 * @throws {MigratorError} `CONFIGURATION` when the name is empty, too long or holds a NUL
 */
export function quoteIdentifier(dialect: Dialect, name: string): string {
  assertIdentifier(dialect, name);
  switch (dialect) {
    case 'postgresql':
      return `"${name.replaceAll('"', '""')}"`;
    case 'mysql':
      return `\`${name.replaceAll('`', '``')}\``;
  }
}

/** Quotes a name with its schema (Postgres) or database (MySQL); `null` leaves it to the session. */
export function qualify(dialect: Dialect, schema: string | null, name: string): string {
  const quoted = quoteIdentifier(dialect, name);
  return schema === null ? quoted : `${quoteIdentifier(dialect, schema)}.${quoted}`;
}

/** The placeholder of parameter number `position`, counted from 1: `$1`, or `?` on MySQL. */
export function placeholder(dialect: Dialect, position: number): string {
  return dialect === 'postgresql' ? `$${position}` : '?';
}

function assertIdentifier(dialect: Dialect, name: string): void {
  const problem = identifierProblem(dialect, name);
  if (problem === null) return;
  throw new MigratorError('CONFIGURATION', {
    message: `${JSON.stringify(name.slice(0, 80))} cannot be a name on ${dialect}: ${problem}.`,
    state: 'Nothing was changed.',
    remedy: 'Use another name in the options (migrationsTable, migrationsSchema, ...).',
  });
}

function identifierProblem(dialect: Dialect, name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.includes('\0')) return 'it holds a NUL character';
  if (dialect === 'postgresql') {
    const bytes = Buffer.byteLength(name, 'utf8');
    return bytes > POSTGRES_NAME_BYTES
      ? `it has ${bytes} bytes, and the limit is ${POSTGRES_NAME_BYTES}`
      : null;
  }
  // Source: MySQL manual, Schema Object Names: supplementary characters are not permitted, names do not end in a space.
  if (/[\u{10000}-\u{10FFFF}]/u.test(name)) return 'it holds a character beyond U+FFFF';
  if (name.length > MYSQL_NAME_CHARACTERS) {
    return `it has ${name.length} characters, and the limit is ${MYSQL_NAME_CHARACTERS}`;
  }
  return name.endsWith(' ') ? 'it ends in a space' : null;
}
