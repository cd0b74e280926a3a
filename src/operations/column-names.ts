import { isOwnName } from './object-names.js';
import { refuseOperation } from './operation-options.js';

/** Column names that Postgres keeps for itself. Source: PostgreSQL manual, 5.6 System Columns. */
const SYSTEM_COLUMNS = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);
/** Postgres keeps 63 bytes of a name, MySQL 64 characters. */
const BYTES = 63;
const CHARACTERS = 64;

/**
 * Refuses a name that no database of ours could have. Which of the two it is may not be known yet.
 *
 * @throws {MigratorError} `OPERATION_INVALID`
 */
export function checkName(operation: string, option: string, name: string): string {
  if (name.trim() === '' || name.includes('\0'))
    throw refuseOperation(operation, option, 'must be a name that is not empty and holds no NUL');
  if (Buffer.byteLength(name) > BYTES && name.length > CHARACTERS)
    throw refuseOperation(
      operation,
      option,
      `must be a name of at most ${BYTES} bytes (Postgres) or ${CHARACTERS} characters (MySQL)`,
    );
  if (isOwnName(name))
    throw refuseOperation(operation, option, 'must not look like a name of this package (mg_...)');
  return name;
}

/** As {@link checkName}, for a column that is to be made. */
export function checkNewColumn(operation: string, option: string, name: string): string {
  if (SYSTEM_COLUMNS.has(name.toLowerCase()))
    throw refuseOperation(
      operation,
      option,
      `must not be ${name}, which Postgres keeps for itself`,
    );
  return checkName(operation, option, name);
}
