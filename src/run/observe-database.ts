import { objectDigest } from '../database/object-digest.js';
import type { Session } from '../database/database.js';
import type { Journal, ParsedMigration } from '../journal/journal.js';
import { parseMigration } from '../journal/parse-migration.js';
import { matchLedger } from '../ledger/match-ledger.js';
import { readLedger } from '../ledger/read-ledger.js';
import type { Attempt, LedgerLocation, LedgerSnapshot } from '../ledger/ledger.js';
import type { CodeMigration } from '../options.js';
import type { DatabaseObservation, InDoubt } from '../plan/plan.js';
import { stepsOf } from '../plan/units.js';
import { tokenChecksum } from '../statements/token-checksum.js';

/** What is laid over the ledger, and how to read it. */
export interface ObserveOptions {
  readonly journal: Journal;
  readonly location: LedgerLocation;
  readonly codeMigrations: ReadonlyMap<string, CodeMigration>;
  readonly to: string | null;
}

/**
 * Reads the ledger and lays the journal over it. Only reads; nothing is parsed but what is pending, so that a database that
 * is current costs two queries and no parsing.
 *
 * @throws {MigratorError} what is wrong with a pending file, or with the rights on the ledger
 */
export async function observeDatabase(session: Session, options: ObserveOptions): Promise<DatabaseObservation> {
  const ledger = await readLedger(session, options.location);
  return assembleObservation(session, options, ledger);
}

async function assembleObservation(
  session: Session,
  options: ObserveOptions,
  ledger: LedgerSnapshot,
): Promise<DatabaseObservation> {
  const { journal } = options;
  const { server } = session;
  const match = matchLedger(journal.migrations, ledger, (migration) =>
    tokenChecksum(migration.read(), server.dialect, server.sqlMode),
  );
  const wanted = new Set(match.entries.filter(({ verdict }) => verdict === 'pending').map(({ tag }) => tag));
  const end = options.to === null ? Number.POSITIVE_INFINITY : positionOf(journal, options.to);
  const pending: ParsedMigration[] = [];
  let created: ReadonlySet<string> = new Set();
  for (const migration of journal.migrations) {
    if (!wanted.has(migration.tag) || migration.position > end) continue;
    const parsed = parseMigration(migration, {
      dialect: server.dialect,
      mode: server.sqlMode,
      created,
      codeMigrations: new Set(options.codeMigrations.keys()),
      operations: new Set(),
      databaseEmpty: ledger.empty,
    });
    pending.push(parsed);
    created = new Set([...created, ...parsed.created]);
  }
  const inDoubt = await askCatalogue(session, ledger, pending);
  return { server, journal, ledger, match, pending, inDoubt };
}

function positionOf(journal: Journal, tag: string): number {
  return journal.migrations.find((migration) => migration.tag === tag)?.position ?? Number.POSITIVE_INFINITY;
}

/** Which statements an earlier run left in doubt, and what the catalogue says of each. */
async function askCatalogue(
  session: Session,
  ledger: LedgerSnapshot,
  pending: readonly ParsedMigration[],
): Promise<ReadonlyMap<string, InDoubt>> {
  const answers = new Map<string, InDoubt>();
  for (const parsed of pending) {
    const { tag } = parsed.migration;
    const attempt = ledger.attempts.findLast((one) => one.tag === tag && one.kind === 'migration');
    if (attempt === undefined || attempt.state === 'done' || attempt.inFlight === null) continue;
    answers.set(tag, await decide(session, parsed, attempt));
  }
  return answers;
}

async function decide(session: Session, parsed: ParsedMigration, attempt: Attempt): Promise<InDoubt> {
  const step = stepsOf(parsed).find(({ position }) => position === attempt.inFlight);
  if (step === undefined || step.kind === 'code') return 'undecidable';
  const statement = parsed.statements[step.index];
  if (statement === undefined) return 'undecidable';
  if (session.server.dialect === 'postgresql') {
    // What runs outside a transaction on Postgres can be run again: index builds look at what they find, VACUUM and
    // REINDEX repeat. Stored code that commits by itself, and a detach that may be half done, cannot.
    const repeatable =
      statement.is.category !== 'call' && statement.is.concurrent?.verb !== 'detach partition';
    return repeatable ? 'did-not' : 'undecidable';
  }
  if (attempt.objectsDigest === null) return 'undecidable';
  const now = await objectDigest(session, statement.is.touches);
  return now === attempt.objectsDigest ? 'did-not' : 'took-effect';
}
