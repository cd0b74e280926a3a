import { StatementError } from '../database/database.js';
import { isRowError } from '../database/row-errors.js';
import { MigratorError, isMigratorError, type ErrorPlace } from '../errors.js';
import type { ParsedMigration } from '../journal/journal.js';
import type { MigrationAction, Step } from '../plan/plan.js';
import { statementAt, statementsBefore } from '../plan/steps.js';
import { formatDuration } from '../wording/duration.js';
import { describeSession } from '../wording/session.js';
import { failedLine } from './failed-line.js';
import { LadderExhausted } from './lock-ladder.js';
import { permissionFor, type Refused } from './missing-privilege.js';
import { meaningOf } from './server-error-meaning.js';

/** What exists already is most often of a database that had its tables before it had this ledger. */
const ADOPT =
  ' If the database had these tables before nest-migrate: nest-migrate baseline <last applied tag>.';

/**
 * Where a step stands in the user's files.
 *
 * @param position where in the statement the server stopped, if it said so
 */
export function placeOf(
  migration: ParsedMigration,
  step: Step | null,
  position?: number,
): ErrorPlace {
  const { tag, file } = migration.migration;
  const place = { migration: tag, file, statements: migration.statements.length };
  if (step === null) return place;
  if (step.kind !== 'statement') return { ...place, line: step.line };
  const statement = statementAt(migration, step);
  // A position in an online form is none in the file.
  const line = step.online === undefined ? failedLine(statement, position) : statement.line;
  return { ...place, statement: step.index + 1, line };
}

/** Where a migration stood when it failed. */
export interface FailedAt {
  readonly step: Step | null;
  /** Positions known complete. */
  readonly cursor: number;
  /** The step may have taken effect in part: stored code that commits by itself. */
  readonly inDoubt: boolean;
  /** As whom it ran, and where. */
  readonly server: Refused;
}

/** What a failed migration leaves behind, in words. */
export function stateAfterFailure(
  action: MigrationAction,
  { cursor, inDoubt }: Pick<FailedAt, 'cursor' | 'inDoubt'>,
): string {
  const { migration, steps } = action;
  const total = migration.statements.length;
  const done = statementsBefore(migration, steps, cursor);
  if (inDoubt) {
    return `Its first ${done} of ${total} statement(s) are applied and stay. Statement ${done + 1} runs stored code, and what that committed before it failed stays too.`;
  }
  if (action.atomic) {
    return 'The migration was rolled back as a whole; what was applied before it stays.';
  }
  const online = onlineProgress(action, cursor);
  if (online !== null)
    return `What stands before statement ${online.statement} is applied and stays${online.done === 0 ? '' : `, and so ${online.done === 1 ? 'does the first' : `do the first ${online.done}`} of the ${online.parts} steps of its online form`}; "${action.command}" goes on from there.`;
  if (cursor === 0)
    return `None of its ${total} statement(s) is applied; what was applied before it stays.`;
  const next = steps[cursor];
  if (next?.kind !== 'statement')
    return `What stands before ${next === undefined ? 'its end' : `line ${next.line}`} is applied and stays; "${action.command}" goes on from there.`;
  return `Its first ${done} of ${total} statement(s) are applied and stay; "${action.command}" goes on with statement ${done + 1}.`;
}

/**
 * What a step's failure means to the user. Raw messages of driver and server stay behind: they may hold row values.
 */
export function migrationFailure(
  error: unknown,
  action: MigrationAction,
  at: FailedAt,
): MigratorError {
  if (isMigratorError(error)) return error;
  const { step } = at;
  const place = placeOf(
    action.migration,
    step,
    error instanceof StatementError ? error.facts.position : undefined,
  );
  const state = stateAfterFailure(action, at);
  const { tag, file } = action.migration.migration;
  const what = nameOf(action);
  if (error instanceof LadderExhausted) {
    return lockTimeout(error, { what, place, state, again: action.command });
  }
  if (error instanceof StatementError && error.kind === 'privilege' && !at.inDoubt) {
    return notPermitted(error, action, at, { place, state });
  }
  if (error instanceof StatementError) {
    const meaning = meaningOf(error.facts);
    return new MigratorError('MIGRATION_FAILED', {
      message: `${what} failed: the server refused ${stepName(action, step)}${meaning === null ? '' : ` (${meaning})`}.`,
      place,
      state,
      driver: error.facts,
      remedy: at.inDoubt
        ? `Look at the data. Mend what made it fail, then: nest-migrate repair ${tag} rolled-back --reason "..." (it did nothing, or what it did is undone; run it again) or nest-migrate repair ${tag} applied --reason "..." (what it left is done by hand; go on after it); then ${action.command}.`
        : `${mend(file, action, at.cursor, isRowError(error.facts))}, then run ${action.command} again.${error.kind === 'duplicate-object' && action.kind !== 'revert' ? ADOPT : ''}`,
      cause: error,
    });
  }
  const threw = error instanceof Error ? error.name : typeof error;
  if (step?.kind !== 'code') {
    return new MigratorError('INTERNAL', {
      message: `${what} stopped at ${stepName(action, step)} by a defect of nestjs-drizzle-migrator (${threw}).`,
      place,
      state,
      remedy: `Report it, with the output of nest-migrate status; then run ${action.command} again.`,
      cause: error,
    });
  }
  return new MigratorError('CODE_MIGRATION_FAILED', {
    message: `${what} failed: ${stepName(action, step)} threw ${threw}.`,
    place,
    state,
    remedy: `Mend the code migration, then run ${action.command} again.`,
    cause: error,
  });
}

/** The role lacks a right: nothing is wrong with the file. A migration failed all the same, and what came before may be applied: exit 1. */
function notPermitted(
  error: StatementError,
  action: MigrationAction,
  { step, server }: FailedAt,
  where: { readonly place: ErrorPlace; readonly state: string },
): MigratorError {
  const statement = step?.kind === 'statement' ? statementAt(action.migration, step) : undefined;
  const { advice, grants } = permissionFor(statement, error.facts, server);
  return new MigratorError('MIGRATION_NOT_PERMITTED', {
    message: `${nameOf(action)} failed: the role ${server.user} may not run ${stepName(action, step)} on ${server.database}.`,
    ...where,
    driver: error.facts,
    remedy: `${advice}${advice.endsWith(';') ? '' : ','} then run ${action.command} again.`,
    details: { role: server.user, grants },
    cause: error,
  });
}

/** How far a statement's online form is carried out; null = the position is of none. */
function onlineProgress(
  { steps, migration }: MigrationAction,
  cursor: number,
): { readonly statement: number; readonly done: number; readonly parts: number } | null {
  const step = steps[cursor];
  if (step?.kind !== 'statement' || step.online === undefined) return null;
  const parts = migration.online.get(step.index)?.length ?? 1;
  return { statement: step.index + 1, done: step.online, parts };
}

/** What is applied of a file may not be edited any more: a resume goes on behind it and would not see the edit. */
function mend(file: string, action: MigrationAction, cursor: number, byRow: boolean): string {
  const online = onlineProgress(action, cursor);
  // Its first steps may stand already: the file has to say the same when it goes on.
  if (online !== null && (online.done > 0 || byRow))
    return `Mend what the server refuses, such as the rows that are in the way, and leave ${file} as it is`;
  if (action.atomic || cursor === 0)
    return `Mend ${file} (it is not applied yet, so it may be edited)`;
  const { migration, steps } = action;
  const next = steps[cursor];
  const done = statementsBefore(migration, steps, cursor);
  if (next === undefined) return `Mend what the server refuses, and leave ${file} as it is`;
  if (done === 0 || next.kind !== 'statement')
    return `Mend ${file} from line ${lineOf(migration, next)} on, and leave what stands before it as it is`;
  return `Mend ${file} from statement ${done + 1} on, and leave the first ${done} as they are`;
}

function lineOf(migration: ParsedMigration, step: Step): number {
  return step.kind === 'statement' ? statementAt(migration, step).line : step.line;
}

/** A table lock was not to be had, and who was in the way. */
export function lockTimeout(
  error: LadderExhausted,
  {
    what,
    place,
    state,
    again,
  }: {
    /** What gave up. */
    readonly what: string;
    readonly place: ErrorPlace;
    readonly state: string;
    /** The command to run again. */
    readonly again: string;
  },
): MigratorError {
  const who = error.blockers.map(describeSession).join('; ');
  return new MigratorError('LOCK_TIMEOUT', {
    message: `${what} gave up after ${error.attempts} tries in ${formatDuration(error.waitedMs)}: its table lock was not to be had. In the way: ${who || 'sessions that this role may not see (grant pg_read_all_stats)'}.`,
    place,
    state,
    remedy: `End the sessions named, or wait for a quiet moment; then run ${again} again.`,
    details: { blockers: error.blockers.map((blocker) => ({ ...blocker })) },
    cause: error,
  });
}

/** What failed, at the beginning of a sentence. */
function nameOf({ id, kind }: MigrationAction): string {
  return kind === 'revert' ? `The way back of ${id}` : id;
}

function stepName(action: MigrationAction, step: Step | null): string {
  if (step === null) return 'the migration';
  if (step.kind === 'code') return `code migration ${step.name}`;
  if (step.kind === 'operation') return `phase ${step.phase} of operation ${step.name}`;
  const { migration } = action;
  const which = step.online === undefined ? '' : ', in its online form';
  return `statement ${step.index + 1} of ${migration.statements.length} (${statementAt(migration, step).head}${which})`;
}
