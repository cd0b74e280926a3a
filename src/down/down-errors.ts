import { MigratorError, type ErrorPlace } from '../errors.js';
import type { ParsedMigration } from '../journal/journal.js';

/** Nothing was written, and why: there is no draft of this migration's way back. */
export function notDrafted(
  { tag, file }: { readonly tag: string; readonly file: string },
  message: string,
  remedy: string,
  details?: MigratorError['details'],
): MigratorError {
  return new MigratorError('DOWN_NOT_DRAFTED', {
    message,
    place: { migration: tag, file },
    state: 'Nothing was written.',
    remedy,
    ...(details !== undefined && { details }),
  });
}

/** Drizzle Kit would ask, and an answer that is wrong loses rows. */
export function ambiguous(
  migration: { readonly tag: string; readonly file: string },
  downFile: string,
  questions: readonly string[],
): MigratorError {
  return notDrafted(
    migration,
    `On the way back from ${migration.tag} Drizzle Kit cannot tell a new name from a loss: ${questions.join('; ')}.`,
    `Write ${downFile} by hand: RENAME where it is the same thing under another name, DROP and CREATE where it is not.`,
    { questions },
  );
}

/** A migration that `down` does not go past has no use for a draft. @throws {MigratorError} `DOWN_NOT_DRAFTED` */
export function refuseWithoutWayBack({ migration, directives, impact }: ParsedMigration): void {
  const { tag } = migration;
  if (directives.irreversible !== null)
    throw notDrafted(
      migration,
      `Migration ${tag} says that there is no way back (-- @irreversible).`,
      'Take that line out of the file if there is one after all, then draft it again.',
    );
  const contract = directives.operations.find(({ phase }) => phase === 'contract');
  if (impact !== 'contract' && contract === undefined) return;
  throw notDrafted(
    migration,
    contract === undefined
      ? `Migration ${tag} is a contract: what it takes away comes back from a backup, and from no down file.`
      : `Migration ${tag} has the contract of operation ${contract.name}, which ends its way back.`,
    'Say it in the file: -- @irreversible <reason>. Or go forward with a migration that makes the schema as it is to be.',
  );
}

/** The snapshots of a migration are not what a draft can be made of. */
export function snapshotUnusable(
  message: string,
  remedy: string,
  place: ErrorPlace,
  cause?: unknown,
): MigratorError {
  return new MigratorError('SNAPSHOT_UNUSABLE', {
    message,
    place,
    state: 'Nothing was written.',
    remedy,
    ...(cause !== undefined && { cause }),
  });
}
