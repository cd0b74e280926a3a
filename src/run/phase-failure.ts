import { StatementError } from '../database/database.js';
import { MigratorError } from '../errors.js';
import type { Phase } from '../operations/operation.js';
import { lockTimeout } from './failure.js';
import { LadderExhausted } from './lock-ladder.js';
import { permissionFor, type Refused } from './missing-privilege.js';
import { meaningOf } from './server-error-meaning.js';

/** A phase that a worker was at when it failed. */
export interface FailedPhase {
  /** The operation's name. */
  readonly operation: string;
  readonly phase: Phase;
  /** As whom it ran, and where. */
  readonly server: Refused;
}

/**
 * What the failure of a phase that no migration is at means to the user. Raw messages of driver and server stay behind: they may hold row values.
 *
 * @returns what to throw for it; what is no failure of a statement as it is
 */
export function phaseFailure(error: unknown, { operation, phase, server }: FailedPhase): unknown {
  const what = `The ${phase} of operation ${operation}`;
  const again = `nest-migrate backfill run ${operation}`;
  const where = {
    place: { operation },
    state: 'What was done stays; the next run of the worker goes on behind it.',
  };
  if (error instanceof LadderExhausted) return lockTimeout(error, { what, ...where, again });
  if (!(error instanceof StatementError)) return error;
  if (error.kind === 'privilege') {
    const { advice, grants } = permissionFor(undefined, error.facts, server);
    return new MigratorError('MISSING_PRIVILEGE', {
      message: `${what} failed: the role ${server.user} may not run a statement of it on ${server.database}.`,
      ...where,
      driver: error.facts,
      remedy: `${advice}, then run ${again} again.`,
      details: { role: server.user, grants },
      cause: error,
    });
  }
  const meaning = meaningOf(error.facts);
  return new MigratorError('MIGRATION_FAILED', {
    message: `${what} failed: the server refused a statement of it${meaning === null ? '' : ` (${meaning})`}.`,
    ...where,
    driver: error.facts,
    remedy: `Mend what the server refuses, then run ${again} again: it goes on where it stopped.`,
    cause: error,
  });
}
