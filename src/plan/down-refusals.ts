import { MigratorError } from '../errors.js';
import type { ParsedMigration } from '../journal/journal.js';
import type { Attempt, LedgerRow } from '../ledger/ledger.js';
import type { Objector } from './gate.js';
import { count, named } from './gate-refusals.js';
import type { MigrationAction } from './plan.js';
import type { NoWayBack } from './plan-down.js';

const UNTOUCHED = 'Nothing was changed.';

/** Nothing leads back past it. */
export function noWayBack({ migration }: ParsedMigration, why: NoWayBack): MigratorError {
  const { tag, file } = migration;
  return new MigratorError('NO_WAY_BACK', {
    message: `${tag} cannot be reverted: ${reasonOf(why)}.`,
    place: { migration: tag, file },
    state: UNTOUCHED,
    remedy: remedyOf(why, tag),
    details: { why: why.kind },
  });
}

function reasonOf(why: NoWayBack): string {
  switch (why.kind) {
    case 'contract':
      return 'it is a contract, and what it took away does not come back with its definition';
    case 'irreversible':
      return `its file says so (@irreversible ${why.reason})`;
    case 'no-down-file':
      return 'it has no down file';
    case 'empty-down-file':
      return 'its down file has no statement';
    case 'own-table':
      return `line ${why.line} of its down file touches ${why.name}, where it is put on record what was reverted`;
    case 'code':
      return `its down file runs the code migration ${why.name}, which has no down()`;
    case 'not-called':
      return `line ${why.line} of its down file says that the operation ${why.name} is undone, which the migration does not call`;
  }
}

function remedyOf(why: NoWayBack, tag: string): string {
  switch (why.kind) {
    case 'contract':
    case 'irreversible':
      return 'Go forward: write a migration that puts right what is wrong. What was taken away is in a backup from before it.';
    case 'no-down-file':
      return `nest-migrate make-down ${tag} drafts one; read it, deploy it with the build, and run this again. Or go forward with a new migration.`;
    case 'empty-down-file':
      return 'Write what takes it back. Where nothing is to be done, say so by a statement that does nothing (SELECT 1); where nothing can be, by -- @irreversible <reason> in the migration.';
    case 'own-table':
      return 'Take the statement out: the row in the ledger goes by itself.';
    case 'code':
      return `Give ${why.name} a down(), or take its @run line out of the down file.`;
    case 'not-called':
      return 'Correct the name, or take the line out: what stands below it runs then.';
  }
}

/** What is to stay is not there. */
export function notReached(tag: string): MigratorError {
  return new MigratorError('USAGE', {
    message: `${tag} is not applied, so nothing leads back to it.`,
    place: { migration: tag },
    state: UNTOUCHED,
    remedy: 'nest-migrate status lists what is applied. Name the last migration that is to stay.',
  });
}

/** Somebody applied more since it was looked. */
export function notAlone(tag: string): MigratorError {
  return new MigratorError('USAGE', {
    message: `${tag} is not the last migration any more: another run has applied more meanwhile.`,
    place: { migration: tag },
    state: UNTOUCHED,
    remedy: 'nest-migrate status shows what is applied now.',
  });
}

/** A newer build has applied what this one cannot revert. */
export function aheadOfDown(newer: readonly LedgerRow[]): MigratorError {
  return new MigratorError('LEDGER_AHEAD', {
    message: `The ledger holds ${newer.length} newer migration(s) that this folder does not know: they would have to be reverted first, and their down files are in a newer build.`,
    state: UNTOUCHED,
    remedy: 'Run the same command from the newest build that was deployed.',
    details: { unknown: newer.slice(0, 10).map((row) => row.name ?? row.createdAt ?? row.id) },
  });
}

/** Neither applied nor absent. */
export function halfApplied(attempt: Attempt, command: string): MigratorError {
  const { tag, statementCursor, statements } = attempt;
  return new MigratorError('ATTEMPT_INTERRUPTED', {
    message: `${tag} was begun and is not through (${statementCursor} of ${statements} statement(s)): its down file is the way back of the whole.`,
    place: { migration: tag },
    state: UNTOUCHED,
    remedy: `Finish it: nest-migrate up --to ${tag}; then ${command}. If what it did is undone by hand: nest-migrate repair ${tag} rolled-back --reason "...".`,
  });
}

/** The statements of the down file are not the way back of an operation that runs. */
export function operationStands(
  { migration }: ParsedMigration,
  name: string,
  state: string,
  command: string,
): MigratorError {
  return new MigratorError('OPERATION_REFUSED', {
    message: `${migration.tag} began the operation ${name}, which is ${state} in this database: its triggers and forms go with its own undo, and not with a down file.`,
    place: { migration: migration.tag, file: migration.file, operation: name },
    state: UNTOUCHED,
    remedy: `nest-migrate operation undo ${name}; then ${command}. In the down file, the line "-- @operation ${name} undo" stands above the statements that the undo has done by then.`,
  });
}

/** Builds run that need what would go. */
export function refusedInUse(
  { id: tag, command, migration }: MigrationAction,
  objectors: readonly Objector[],
): MigratorError {
  return new MigratorError('REFUSED_IN_USE', {
    message: `Builds that know ${tag} fail as soon as it is reverted, and ${count(objectors)}: ${named(objectors)}.`,
    place: { migration: tag, file: migration.migration.file },
    state: UNTOUCHED,
    remedy: `Roll the application back first, to a build without ${tag} (nest-migrate can-run tells whether it may start), then run this again. If downtime is acceptable: ${command} --allow-downtime`,
    details: { instances: objectors.map(({ name, standing }) => `${name}: ${standing}`) },
  });
}

/** Nobody can tell who runs. */
export function unknownWhoUses(
  { id: tag, command, migration }: MigrationAction,
  why: readonly string[],
): MigratorError {
  return new MigratorError('REFUSED_FLEET', {
    message: `Builds that know ${tag} fail as soon as it is reverted, and it is not known which builds run: ${why.join('; ')}.`,
    place: { migration: tag, file: migration.migration.file },
    state: UNTOUCHED,
    remedy: `Look at nest-migrate fleet. If you are certain that no build with ${tag} runs: ${command} --fleet-confirmed`,
    details: { why },
  });
}
