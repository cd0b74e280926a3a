import { objectDigest } from '../database/object-digest.js';
import type { ServerInfo, Session } from '../database/database.js';
import type { ParsedMigration } from '../journal/journal.js';
import type { Attempt, LedgerSnapshot } from '../ledger/ledger.js';
import type { InDoubt, Step } from '../plan/plan.js';
import { stepDigests } from '../plan/step-digests.js';
import { statementAt } from '../plan/steps.js';
import type { Classification } from '../statements/statement.js';
import { repeatsSafely } from './in-doubt.js';

/** The positions of a file as they count in this database. */
export type StepsOf = (parsed: ParsedMigration) => readonly Step[];

/** Read for what was begun and is not done: a resume asks whether the positions before it are still the ones that ran. */
export function digestsOfBegun(
  server: ServerInfo,
  ledger: LedgerSnapshot,
  pending: readonly ParsedMigration[],
  stepsOf: StepsOf,
): ReadonlyMap<string, readonly string[]> {
  const begun = new Set(
    ledger.attempts
      .filter(({ kind, state }) => kind === 'migration' && state !== 'done')
      .map(({ tag }) => tag),
  );
  return new Map(
    pending
      .filter(({ migration }) => begun.has(migration.tag))
      .map((parsed) => [parsed.migration.tag, stepDigests(parsed, stepsOf(parsed), server)]),
  );
}

/** Which statements an earlier run left in doubt, and what the catalogue says of each. */
export async function askCatalogue(
  session: Session,
  ledger: LedgerSnapshot,
  pending: readonly ParsedMigration[],
  stepsOf: StepsOf,
): Promise<ReadonlyMap<string, InDoubt>> {
  const answers = new Map<string, InDoubt>();
  for (const parsed of pending) {
    const { tag } = parsed.migration;
    const attempt = ledger.attempts.findLast((one) => one.tag === tag && one.kind === 'migration');
    if (attempt === undefined || attempt.state === 'done' || attempt.inFlight === null) continue;
    const step = stepsOf(parsed).find(({ position }) => position === attempt.inFlight);
    answers.set(tag, await decide(session, parsed, step, attempt));
  }
  return answers;
}

async function decide(
  session: Session,
  parsed: ParsedMigration,
  step: Step | undefined,
  attempt: Attempt,
): Promise<InDoubt> {
  // A phase is never in doubt: it asks the catalogue itself.
  if (step?.kind === 'operation') return 'did-not';
  if (step === undefined || step.kind === 'code') return 'undecidable';
  const statement = statementAt(parsed, step);
  const again = repeatsSafely(statement.is) ? 'did-not' : 'undecidable';
  if (attempt.objectsDigest === null) return again;
  const now = await objectDigest(session, statement.is.touches);
  if (now === attempt.objectsDigest) return 'did-not';
  // MariaDB drops several tables one by one: a server that died meanwhile has dropped the first ones only.
  if (await someAreLeft(session, statement.is)) return again;
  return 'took-effect';
}

/** Whether a statement that drops several tables or views has left one of them. */
async function someAreLeft(session: Session, is: Classification): Promise<boolean> {
  const dropped = is.effects.filter(
    ({ effect, object }) =>
      effect === 'removes' && (object.kind === 'table' || object.kind === 'view'),
  );
  if (dropped.length < 2) return false;
  const names = dropped.map(({ object }) => [
    object.schema ?? session.server.database,
    object.name,
  ]);
  const left = await session.query(
    `select 1 from information_schema.tables
      where ${names.map(() => '(table_schema = ? and table_name = ?)').join(' or ')} limit 1`,
    names.flat(),
  );
  return left.length > 0;
}
