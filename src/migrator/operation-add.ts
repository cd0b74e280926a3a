import { gotSomewhere } from '../plan/got-somewhere.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MigratorError, type ErrorPlace } from '../errors.js';
import type { Journal, Migration, ParsedMigration } from '../journal/journal.js';
import type { Match } from '../ledger/ledger.js';
import { parseMigration } from '../journal/parse-migration.js';
import { coveredBy } from '../operations/covered-by.js';
import type { Operation, Phase } from '../operations/operation.js';
import { lastAttempt } from '../plan/resume.js';
import type { DatabaseObservation } from '../plan/plan.js';
import { statementsOf, stepsOf, WITH_DATA } from '../plan/steps.js';
import { withTransaction } from '../database/with-transaction.js';
import { assertKnownTag, withLookingSession, type MigratorEnvironment } from './environment.js';
import { operationStates } from './operation-states.js';
import { insertLines } from './insert-lines.js';
import { targetOf } from './look.js';
import { operationLines, type OperationLines } from './operation-lines.js';
import type { AddedLines } from './operations-contract.js';
import { notRegistered } from '../operations/operation-errors.js';

/** What {@link addOperation} is told. */
export interface AddRequest {
  /** The migration. */
  readonly to: string;
  /** Only say what would be written. @default false */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** A line of the directive, as it may stand in files that are never parsed any more. */
const LINE = /^[ \t]*--[ \t]*@operation[ \t]+(\S+)[ \t]+(\w+)/gm;

/** Writes the lines of an operation into a migration that this database does not have yet. */
export async function addOperation(
  environment: MigratorEnvironment,
  name: string,
  { to, dryRun = false, signal }: AddRequest,
): Promise<AddedLines> {
  const operation = environment.options.operations.get(name);
  if (operation === undefined) throw notRegistered(name, environment.options.operations);
  const journal = environment.journal();
  assertKnownTag(journal, to);
  const { parsed, gone } = await withLookingSession(environment, signal, (session) =>
    withTransaction(session, { readOnly: true }, async () => {
      const target = targetOf(environment, journal);
      const observed = await target.observe({
        session,
        signal: signal ?? new AbortController().signal,
        inTransaction: true,
      });
      const states = await operationStates(session, environment.location);
      return {
        parsed: pendingMigration(observed, name, to),
        // What an undo has taken back stands in applied migrations all the same, and is to be called anew.
        gone:
          states?.get(name) === 'undone'
            ? new Set(observed.match.entries.filter(isClaimed).map(({ tag }) => tag))
            : new Set<string>(),
      };
    }),
  );
  const { migration } = parsed;
  if (parsed.directives.operations.some((line) => line.name === name))
    return { name, tag: to, file: migration.file, written: false, lines: [] };
  const text = migration.read();
  const { dialect } = environment.database;
  const place: ErrorPlace = { migration: to, file: migration.file };
  const earlier = phasesBefore(journal, migration, name, gone);
  const { placed, covers } = operationLines(operation, parsed.statements, earlier, dialect, place);
  const { text: changed, shown } = insertLines(text, parsed.statements, placed);
  const again = parseMigration(
    { ...migration, read: () => changed },
    { dialect, codeMigrations: null, operations: null },
  );
  assertSame(parsed, again, operation, covers, dialect, place);
  if (!dryRun && shown.length > 0) writeFileSync(pathOf(environment, migration), changed);
  return {
    name,
    tag: to,
    file: migration.file,
    written: !dryRun && shown.length > 0,
    lines: shown,
  };
}

/** @throws {MigratorError} `OPERATION_REFUSED` when it is applied, or begun */
function pendingMigration(
  observed: DatabaseObservation,
  name: string,
  tag: string,
): ParsedMigration {
  const parsed = observed.pending.find(({ migration }) => migration.tag === tag);
  const attempt = lastAttempt(observed, tag);
  const begun =
    attempt !== undefined &&
    attempt.state !== 'done' &&
    (attempt.state === 'running' || gotSomewhere(attempt));
  if (parsed !== undefined && !begun) return parsed;
  throw new MigratorError('OPERATION_REFUSED', {
    message:
      parsed === undefined
        ? `Migration ${tag} is applied in this database: its file stays as it is.`
        : `Migration ${tag} was begun in this database: its file stays as it is until it is through.`,
    place: { migration: tag },
    state: 'Nothing was written.',
    remedy: `Generate a migration of its own (npx drizzle-kit generate, or with --custom), then: nest-migrate operation add ${name} --to <its tag>`,
    details: { operation: name },
  });
}

function isClaimed({ verdict }: Match): boolean {
  return verdict !== 'pending' && verdict !== 'ambiguous';
}

function phasesBefore(
  { migrations }: Journal,
  { position }: Migration,
  name: string,
  gone: ReadonlySet<string>,
): ReadonlySet<Phase> {
  const before = migrations.filter((each) => each.position < position && !gone.has(each.tag));
  return new Set(
    before.flatMap((each) =>
      [...each.read().matchAll(LINE)]
        .filter(([, called]) => called === name)
        .map(([, , phase]) => phase as Phase),
    ),
  );
}

/** The proof that the lines do what they are for: the SQL is the same, and each line covers what it may. */
function assertSame(
  before: ParsedMigration,
  after: ParsedMigration,
  operation: Operation,
  covers: OperationLines['covers'],
  dialect: MigratorEnvironment['database']['dialect'],
  place: ErrorPlace,
): void {
  const operationsOf = (parsed: ParsedMigration) =>
    stepsOf(parsed, WITH_DATA).flatMap((step) => (step.kind === 'operation' ? [step] : []));
  const others = (parsed: ParsedMigration): string =>
    JSON.stringify(
      operationsOf(parsed)
        .filter(({ name }) => name !== operation.name)
        .map(({ name, phase, covers }) => ({ name, phase, covers })),
    );
  const own = operationsOf(after).filter(({ name }) => name === operation.name);
  const asMeant = own.every(
    (step) => JSON.stringify(step.covers) === JSON.stringify(covers.get(step.phase)),
  );
  const same = before.tokenChecksum === after.tokenChecksum && others(before) === others(after);
  if (!same || !asMeant || own.length !== covers.size)
    throw new MigratorError('OPERATION_REFUSED', {
      message: `The lines of operation ${operation.name} cannot be put between these statements: one would come to cover what it must not.`,
      place,
      state: 'Nothing was written.',
      remedy: 'Put each statement on lines of its own, or write the lines by hand.',
      details: { operation: operation.name },
    });
  for (const step of own) {
    coveredBy(operation, step.phase, statementsOf(after, [step]), dialect, place);
  }
}

function pathOf({ options }: MigratorEnvironment, { tag, layout }: Migration): string {
  const { migrationsFolder: folder } = options;
  return layout === 'journal' ? join(folder, `${tag}.sql`) : join(folder, tag, 'migration.sql');
}
