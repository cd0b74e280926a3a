import { isMigratorError, type MigratorError } from '../errors.js';
import type { FleetView } from '../fleet/fleet.js';
import type { ParsedMigration } from '../journal/journal.js';
import type { Match } from '../ledger/ledger.js';
import type { Finding } from '../run-events.js';
import {
  aheadRefused,
  ambiguous,
  downUnfinished,
  edited,
  ledgerNewerThanJournal,
  outOfOrderRefused,
  readOnlyServer,
} from './refusals.js';
import type {
  BackfillsBy,
  DatabaseObservation,
  DatabasePlan,
  MigrationAction,
  Policies,
} from './plan.js';
import { gateActions } from './gate-actions.js';
import { planOperations } from './plan-operations.js';
import {
  unregisteredFindings,
  inProgressFinding,
  leftoverFindings,
  reversalFindings,
  outOfOrderFinding,
  unclaimedFindings,
  verdictFindings,
} from './remarks.js';
import { lastAttempt, startOf } from './resume.js';
import { actionOf } from './action-of.js';
import { stepsHere } from './steps.js';
import { gotSomewhere } from './got-somewhere.js';

/** How the way forward is gone on with. */
export const UP = 'nest-migrate up';

/** What one entry of the journal comes to: what is done about it, what is said about it, or why nothing may be done at all. */
interface Answer {
  readonly action?: MigrationAction;
  readonly findings?: readonly Finding[];
  readonly refusals?: readonly MigratorError[];
}

/**
 * What to do about the difference between journal and ledger. Pure.
 *
 * An entry of the journal, first matching row decides:
 * | entry | answer |
 * | --- | --- |
 * | ambiguous | refuse |
 * | edited after we applied it | refuse, or warn by policy |
 * | applied in another sense (comments changed, renamed, retimed, ...) | warn |
 * | pending, behind an applied entry, contract or breaking | refuse |
 * | pending, behind an applied entry, expand | apply with a warning, or refuse by policy |
 * | pending, and the holder of the lock is at it right now | say so |
 * | pending, and calls what is registered nowhere | refuse |
 * | pending, with an unfinished attempt | resume, or refuse: {@link startOf} |
 * | pending | apply |
 *
 * What is left to do then asks the fleet: see {@link gateActions}. Rows that no entry claims are listed, or refused by policy. A server that takes no writes refuses whatever there is to do.
 *
 * @param backfills who goes through the rows of operations
 */
export function planDatabase(
  observed: DatabaseObservation,
  policies: Policies,
  fleet: FleetView,
  backfills: BackfillsBy = 'up',
): DatabasePlan {
  const pending = new Map(observed.pending.map((parsed) => [parsed.migration.tag, parsed]));
  const answers = observed.match.entries.map((match): Answer => {
    const parsed = pending.get(match.tag);
    if (match.verdict !== 'pending') return answerToClaimed(match, observed, policies);
    return parsed === undefined ? {} : answerToPending(match, parsed, observed, policies);
  });
  const pendingActions = answers.flatMap(({ action }) => action ?? []);
  const gated = gateActions(pendingActions, observed.ledger.empty, fleet);
  const { actions } = gated;
  const operations = planOperations(
    actions,
    observed.operations,
    observed.server.dialect,
    // There are no rows that would take time.
    backfills === 'worker' && !observed.ledger.empty,
  );
  return {
    actions,
    deferred: gated.deferred,
    phases: operations.phases,
    findings: [
      ...observed.journal.findings,
      ...answers.flatMap(({ findings }) => findings ?? []),
      ...gated.findings,
      ...operations.findings,
      ...unregisteredFindings(observed),
      ...reversalFindings(observed),
      ...leftoverFindings(observed),
      ...unclaimedFindings(observed.match),
    ],
    refusals: [
      ...answers.flatMap(({ refusals }) => refusals ?? []),
      ...gated.refusals,
      ...operations.refusals,
      ...refusalsOfAll(observed, policies, actions),
    ],
  };
}

/** An entry that a row of the ledger claims, surely or perhaps. */
function answerToClaimed(match: Match, observed: DatabaseObservation, policies: Policies): Answer {
  if (match.verdict === 'ambiguous') return { refusals: [ambiguous(match)] };
  if (match.verdict === 'edited' && policies.edited === 'error') {
    return { refusals: [edited(match, observed.journal.migrations[match.position]?.file)] };
  }
  return { findings: verdictFindings(match) };
}

function answerToPending(
  match: Match,
  parsed: ParsedMigration,
  observed: DatabaseObservation,
  policies: Policies,
): Answer {
  if (match.outOfOrder && (parsed.impact !== 'expand' || policies.outOfOrder === 'error')) {
    return { refusals: [outOfOrderRefused(parsed)] };
  }
  if (parsed.migration.declared !== undefined) return { refusals: [whyNotReadable(parsed)] };
  const findings = [...(match.outOfOrder ? [outOfOrderFinding(match)] : []), ...parsed.findings];
  const begun = lastAttempt(observed, match.tag);
  if (begun?.state === 'running' && begun.runner === observed.liveRunner) {
    return { findings: [...findings, inProgressFinding(parsed, begun)] };
  }
  if (parsed.unregistered.length > 0) return { findings, refusals: parsed.unregistered };
  const steps = stepsHere(parsed, observed.ledger, observed.asStatements);
  const start = startOf(parsed, steps, observed, UP);
  if (start.refusal !== undefined) return { findings, refusals: [start.refusal] };
  const { dialect } = observed.server;
  const kind = start.resume === null ? 'apply' : 'resume';
  const about = { kind, command: UP, resume: start.resume } as const;
  return { findings, action: actionOf(parsed, steps, dialect, about) };
}

/** What a build that ships its manifest alone answers when its files are asked for. */
function whyNotReadable({ migration }: ParsedMigration): MigratorError {
  try {
    migration.read();
  } catch (error) {
    if (isMigratorError(error)) return error;
    throw error;
  }
  throw new TypeError(`${migration.tag} is declared by a manifest and has a file`);
}

/** What speaks against the whole, whichever migrations are pending. */
function refusalsOfAll(
  { match, ledger, journal, server, liveRunner }: DatabaseObservation,
  policies: Policies,
  actions: readonly MigrationAction[],
): readonly MigratorError[] {
  const refusals: MigratorError[] = ledger.attempts
    // One that died before its first statement changed nothing; one that is at work now is waited for.
    .filter((one) => one.kind === 'down' && gotSomewhere(one) && one.runner !== liveRunner)
    // What this build does not ship is for a newer one to finish.
    .filter(({ tag }) => journal.migrations.some((migration) => migration.tag === tag))
    .map((attempt) => downUnfinished(attempt, journal));
  if (match.unknown.length > 0 && policies.ahead === 'error') {
    refusals.push(aheadRefused(match.unknown));
  }
  if (actions.length === 0) return refusals;
  if (ledger.version === 'v1' && journal.layout === 'journal') {
    refusals.push(ledgerNewerThanJournal(journal.folder));
  }
  if (server.readOnly) refusals.push(readOnlyServer(server));
  return refusals;
}
