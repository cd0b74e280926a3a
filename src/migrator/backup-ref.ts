import { MigratorError } from '../errors.js';

/** Characters of a name, as it stands on record. */
const LONGEST = 500;

/** The snapshot that an operator names; null = none. @throws {MigratorError} `USAGE` for what is no name */
export function backupRefIn(given: string | undefined): string | null {
  if (given === undefined) return null;
  const isName =
    typeof given === 'string' &&
    given.trim() !== '' &&
    given.length <= LONGEST &&
    !/\p{Cc}/u.test(given);
  if (isName) return given;
  throw new MigratorError('USAGE', {
    message: `The name of a snapshot (--backup-ref) is 1 to ${LONGEST} characters in one line.`,
    state: 'Nothing was changed.',
    remedy:
      'Give the name under which the snapshot can be found again, such as rds:app-2026-01-31.',
  });
}
