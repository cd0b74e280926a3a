import { MigratorError } from '../errors.js';
import type { LedgerLocation } from './ledger.js';

/** Something has the name of one of our tables and is not ours. */
export function foreignTable(
  location: LedgerLocation,
  names: readonly string[],
  kind: 'table' | 'type, view or sequence' = 'table',
): MigratorError {
  const where = location.schema === null ? 'the database' : `schema ${location.schema}`;
  return new MigratorError('CONFIGURATION', {
    message: `In ${where} there is a ${kind} ${names.join(', ')} that nest-migrate did not make and needs the name of.`,
    remedy:
      location.schema === null
        ? `Rename that ${kind}, or give the migrations a database of their own.`
        : `Rename that ${kind}, or set migrationsSchema to a schema of its own.`,
    state: 'Nothing was changed.',
  });
}

/** `grantTo` names somebody whom the server does not know. */
export function unknownRole(roles: readonly string[], cause?: unknown): MigratorError {
  return new MigratorError('CONFIGURATION', {
    message: `grantTo names ${roles.join(', ')}, and this server knows no such role.`,
    remedy: 'Create the role first, or take it out of grantTo.',
    state: 'Nothing was granted.',
    ...(cause !== undefined && { cause }),
  });
}

/** Two runners with different ledgers kept getting in each other's way. */
export function bootstrapRace(cause: unknown): MigratorError {
  return new MigratorError('BOOTSTRAP_RACE', {
    message:
      'The bookkeeping tables could not be created: another run creates them at the same time, again and again.',
    remedy: 'Run the command again.',
    state: 'Nothing was changed.',
    cause,
  });
}
