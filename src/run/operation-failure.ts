import { StatementError } from '../database/database.js';
import { MigratorError, type ErrorPlace } from '../errors.js';
import type { ClassifiedStatement } from '../statements/statement.js';
import { lockTimeout } from './failure.js';
import { LadderExhausted } from './lock-ladder.js';
import { permissionFor, type Refused } from './missing-privilege.js';
import { meaningOf } from './server-error-meaning.js';

/** What failed, in words, and where it leaves the operation. */
export interface FailedWork {
  /** What gave up waiting for a table lock. */
  readonly work: string;
  /** The same as a sentence: what could not be done. */
  readonly failed: string;
  /** What the server refused, or the role may not run. */
  readonly refused: string;
  readonly place: ErrorPlace;
  readonly state: string;
  /** The command to run again. */
  readonly again: string;
  /** The statement of ours that was refused, where it is known: what it needs is read off it. */
  readonly statement: ClassifiedStatement | undefined;
  /** As whom it ran, and where. */
  readonly server: Refused;
}

/**
 * What the failure of an operation that no migration is at means to the user. Raw messages of driver and server stay behind: they may hold row
 * values.
 *
 * @returns what to throw for it; what is no failure of a statement as it is
 */
export function operationFailure(error: unknown, about: FailedWork): unknown {
  const { work, failed, refused, place, state, again, statement, server } = about;
  if (error instanceof LadderExhausted) {
    return lockTimeout(error, { what: work, place, state, again });
  }
  if (!(error instanceof StatementError)) return error;
  if (error.kind === 'privilege') {
    const { advice, grants } = permissionFor(statement, error.facts, server);
    return new MigratorError('MISSING_PRIVILEGE', {
      message: `${failed}: the role ${server.user} may not run ${refused} on ${server.database}.`,
      place,
      state,
      driver: error.facts,
      remedy: `${advice}${advice.endsWith(';') ? '' : ','} then run ${again} again.`,
      details: { role: server.user, grants },
      cause: error,
    });
  }
  const meaning = meaningOf(error.facts);
  return new MigratorError('MIGRATION_FAILED', {
    message: `${failed}: the server refused ${refused}${meaning === null ? '' : ` (${meaning})`}.`,
    place,
    state,
    driver: error.facts,
    remedy: `Mend what the server refuses, then run ${again} again: it goes on where it stopped.`,
    cause: error,
  });
}
