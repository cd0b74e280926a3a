import { MigratorError } from '../errors.js';
import type { ServerInfo } from '../database/database.js';
import type { Journal, ParsedMigration } from '../journal/journal.js';
import type { Attempt, LedgerRow, Match } from '../ledger/ledger.js';

const UNTOUCHED = 'Nothing was changed.';

/** Time or checksum of an entry fit several ledger rows, and nothing says which. */
export function ambiguous(match: Match): MigratorError {
  return new MigratorError('AMBIGUOUS', {
    message: `The ledger may or may not hold ${match.tag}: its time or its checksum fits a row that fits another migration as well.`,
    place: { migration: match.tag },
    state: UNTOUCHED,
    remedy: `If it is applied: nest-migrate repair ${match.tag} applied --reason "...". If not: correct the ledger row that looks like it (created_at, hash), then run again.`,
  });
}

/** The file of a migration that we applied has other tokens now. */
export function edited(match: Match, file: string | undefined): MigratorError {
  return new MigratorError('EDITED', {
    message: `${match.tag} was edited after it was applied. The edit would never reach this database.`,
    place: { migration: match.tag, ...(file !== undefined && { file }) },
    state: UNTOUCHED,
    remedy: `Put the file back and write a new migration, or accept the file as it is: nest-migrate repair ${match.tag} accept-checksum --reason "..."`,
  });
}

/**
 * What an earlier run of a file completed is not what stands there now: going on would skip or repeat statements without a word.
 *
 * @param changed 0-based, the statement of the file that is another now
 * @param position how many statements of the file were completed
 */
export function editedBeforeResume(
  { migration, statements }: ParsedMigration,
  changed: number,
  position: number,
  again: string,
): MigratorError {
  const { tag, file } = migration;
  const line = statements[changed]?.line;
  return new MigratorError('EDITED', {
    message: `An earlier run of ${tag} completed its first ${position} statement(s), and statement ${changed + 1} is not the one that ran then.`,
    place: {
      migration: tag,
      file,
      statement: changed + 1,
      statements: statements.length,
      ...(line !== undefined && { line }),
    },
    state: `${UNTOUCHED} What the first ${position} statement(s) did before the edit is applied and stays.`,
    remedy: `Put statements 1 to ${position} back as they were and change only what follows. If you have undone by hand what they did: nest-migrate repair ${tag} rolled-back --reason "..."; then ${again}.`,
  });
}

/** A pending migration stands before applied ones, and applying it late could break what runs now. */
export function outOfOrderRefused(parsed: ParsedMigration): MigratorError {
  const { tag, file } = parsed.migration;
  return new MigratorError('REFUSED_OUT_OF_ORDER', {
    message: `${tag} (${parsed.impact}) stands before migrations that are already applied.`,
    place: { migration: tag, file },
    state: UNTOUCHED,
    remedy: `Move it to the end of the journal (drizzle-kit generate again), or record that it took effect already: nest-migrate repair ${tag} applied --reason "..."`,
    details: { impact: parsed.impact },
  });
}

/** Rows that the folder does not know, under `ahead: 'error'`. */
export function aheadRefused(unknown: readonly LedgerRow[]): MigratorError {
  return new MigratorError('LEDGER_AHEAD', {
    message: `The ledger holds ${unknown.length} migration(s) that this folder does not, and policy "ahead: error" forbids that.`,
    state: UNTOUCHED,
    remedy: 'Deploy the build that ships them, or set policies.ahead to "allow".',
    details: { unknown: unknown.slice(0, 10).map((row) => row.name ?? row.createdAt ?? row.id) },
  });
}

/** A runner died in a statement of which the catalogue cannot tell whether it took effect. */
export function attemptInterrupted(
  parsed: ParsedMigration,
  attempt: Attempt | undefined,
  statementsBefore: (position: number) => number,
  again: string,
): MigratorError {
  const { tag, file } = parsed.migration;
  const inFlight = statementsBefore(attempt?.inFlight ?? 0);
  const statement = parsed.statements[inFlight];
  return new MigratorError('ATTEMPT_INTERRUPTED', {
    message: `An earlier run of ${tag} ended inside statement ${inFlight + 1} of ${parsed.statements.length}, and nothing on the server tells whether that statement took effect.`,
    place: {
      migration: tag,
      file,
      statement: inFlight + 1,
      statements: parsed.statements.length,
      ...(statement !== undefined && { line: statement.line }),
    },
    state: `Statements 1 to ${statementsBefore(attempt?.statementCursor ?? 0)} are applied; statement ${inFlight + 1} is in doubt; the rest has not run.`,
    remedy: `Look at the data, then: nest-migrate repair ${tag} applied --reason "..." (it took effect, go on after it) or nest-migrate repair ${tag} rolled-back --reason "..." (it did not, run it again); then ${again}.`,
    details: { attempt: attempt?.id ?? null, runner: attempt?.runner ?? null },
  });
}

/** Refusals by what an earlier run left: that it was interrupted is put on record all the same. */
export function isOfABegunRun({ code }: MigratorError): boolean {
  return code === 'ATTEMPT_INTERRUPTED' || code === 'DOWN_UNFINISHED';
}

/** A migration is reverted in part: neither the way on nor the way back has its end. */
export function downUnfinished(
  { tag, statementCursor, statements }: Attempt,
  { migrations }: Pick<Journal, 'migrations'>,
): MigratorError {
  const at = migrations.findIndex((migration) => migration.tag === tag);
  const before = migrations[at - 1]?.tag ?? 'none';
  return new MigratorError('DOWN_UNFINISHED', {
    message: `The way back of ${tag} was begun and is not through: ${statementCursor} of ${statements} statement(s) of its down file have run, and the ledger still holds the migration.`,
    place: { migration: tag },
    state: `${UNTOUCHED} ${tag} is reverted in part.`,
    remedy: `Go on with the way back, as it was begun: nest-migrate down --to ${before}. If what it did is undone by hand: nest-migrate repair ${tag} rolled-back --reason "...". Then nest-migrate up applies it anew, if that is wanted.`,
    details: { statementCursor, statements },
  });
}

/** The rest of a begun migration needs what only the session that began it had. */
export function sessionStateLost(
  parsed: ParsedMigration,
  position: number,
  lost: readonly string[],
  again: string,
): MigratorError {
  const { tag, file } = parsed.migration;
  return new MigratorError('ATTEMPT_INTERRUPTED', {
    message: `An earlier run of ${tag} ended after statement ${position}, and what follows needs ${lost.join(', ')} of that run's session, which is gone.`,
    place: {
      migration: tag,
      file,
      statement: position + 1,
      statements: parsed.statements.length,
    },
    state: `Statements 1 to ${position} are applied; the rest has not run.`,
    remedy: `Edit ${file} (it is not applied yet, so it may be edited): let statement ${position + 1} make again what it needs, and leave the first ${position} in their places; then ${again}.`,
    details: { lost },
  });
}

/** The server, or this login, takes no writes. */
export function readOnlyServer(server: ServerInfo): MigratorError {
  return new MigratorError('READ_ONLY', {
    message: `The server (${server.flavour} ${server.version}, database ${server.database}) takes no writes from this login: a standby, or set read-only.`,
    state: UNTOUCHED,
    remedy: 'Point database.migrationUrl (MIGRATION_DATABASE_URL) at the primary.',
  });
}

/** A 0.x folder meets a ledger that drizzle-orm 1.x has taken over: the name its row needs can only be guessed. */
export function ledgerNewerThanJournal(folder: string): MigratorError {
  return new MigratorError('LEDGER_NEWER_THAN_JOURNAL', {
    message: `The ledger has been taken over by drizzle-orm 1.x, and ${folder} still has the layout of 0.x: rows written now would be run again by 1.x.`,
    state: UNTOUCHED,
    remedy: 'Deploy the build with the converted folder (drizzle-kit up), and run that one.',
  });
}
