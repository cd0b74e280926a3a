import type { ParsedMigration } from '../journal/journal.js';
import type { Attempt, Match } from '../ledger/ledger.js';
import type { Finding } from '../run-events.js';
import type { SchemaEffect } from '../statements/statement.js';
import {
  aheadRefused,
  ambiguous,
  attemptInterrupted,
  edited,
  editedBeforeResume,
  ledgerNewerThanJournal,
  outOfOrderRefused,
  readOnlyServer,
  sessionStateLost,
} from './refusals.js';
import { lostState } from './lost-state.js';
import type {
  DatabaseObservation,
  DatabasePlan,
  FleetView,
  MigrationAction,
  Policies,
  Resume,
  Step,
} from './plan.js';
import { firstChanged } from './step-digests.js';
import { stepsOf, unitsOf } from './units.js';

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
 * | pending, with an unfinished attempt whose statement in doubt nothing can decide | refuse until `repair` |
 * | pending, with an unfinished attempt, and what it completed has been edited since | refuse |
 * | pending, with an unfinished attempt whose session had what the rest needs | refuse until the file makes it again |
 * | pending, with an unfinished attempt | resume |
 * | pending | apply |
 *
 * Rows that no entry claims are listed, or refused by policy. A server that takes no writes refuses whatever there is to do.
 */
export function planDatabase(
  observed: DatabaseObservation,
  policies: Policies,
  fleet: FleetView,
): DatabasePlan {
  const findings: Finding[] = [...observed.journal.findings];
  const refusals: DatabasePlan['refusals'][number][] = [];
  const actions: MigrationAction[] = [];
  const pending = new Map(observed.pending.map((parsed) => [parsed.migration.tag, parsed]));

  for (const match of observed.match.entries) {
    const parsed = pending.get(match.tag);
    if (match.verdict === 'ambiguous') {
      refusals.push(ambiguous(match));
    } else if (match.verdict === 'edited' && policies.edited === 'error') {
      refusals.push(edited(match, fileOf(observed, match)));
    } else if (match.verdict !== 'pending') {
      findings.push(...verdictFindings(match));
    } else if (parsed !== undefined) {
      if (match.outOfOrder && (parsed.impact !== 'expand' || policies.outOfOrder === 'error')) {
        refusals.push(outOfOrderRefused(parsed));
        continue;
      }
      if (match.outOfOrder) findings.push(outOfOrderFinding(match));
      findings.push(...parsed.findings, ...impactFindings(parsed, observed, fleet));
      const begun = lastAttempt(observed, match.tag);
      if (begun?.state === 'running' && begun.runner === observed.liveRunner) {
        findings.push(inProgressFinding(parsed, begun));
        continue;
      }
      const resume = resumeOf(parsed, observed);
      if (resume === 'undecidable') {
        refusals.push(attemptInterrupted(parsed, begun));
        continue;
      }
      const changed =
        resume === null || begun === undefined
          ? null
          : firstChanged(
              begun.stepDigests,
              observed.stepDigests.get(match.tag) ?? [],
              resume.position,
            );
      if (resume !== null && changed !== null) {
        refusals.push(editedBeforeResume(parsed, changed, resume.position));
        continue;
      }
      const action = actionOf(parsed, observed, resume);
      const lost = resume === null ? [] : lostState(parsed, action.steps, resume.position);
      if (resume !== null && lost.length > 0) {
        refusals.push(sessionStateLost(parsed, resume.position, lost));
        continue;
      }
      actions.push(action);
    }
  }

  findings.push(...leftoverFindings(observed));
  const { unknown, duplicates } = observed.match;
  if (unknown.length > 0 && policies.ahead === 'error') refusals.push(aheadRefused(unknown));
  if (unknown.length > 0) {
    findings.push({
      code: 'ledger-ahead',
      severity: 'info',
      message: `${unknown.length} migration(s) in the ledger are not in this folder: applied by a newer build, or history that was deleted.`,
    });
  }
  if (duplicates.length > 0) {
    findings.push({
      code: 'duplicate-rows',
      severity: 'warning',
      message: `${duplicates.length} ledger row(s) record a migration a second time. They do nothing; two unlocked runs wrote them.`,
    });
  }
  if (
    actions.length > 0 &&
    observed.ledger.version === 'v1' &&
    observed.journal.layout === 'journal'
  ) {
    refusals.push(ledgerNewerThanJournal(observed.journal.folder));
  }
  if (actions.length > 0 && observed.server.readOnly)
    refusals.push(readOnlyServer(observed.server));
  return { actions, findings, refusals };
}

function actionOf(
  parsed: ParsedMigration,
  observed: DatabaseObservation,
  resume: Resume | null,
): MigrationAction {
  const steps = stepsOf(parsed);
  const units = unitsOf(parsed, steps, observed.server.dialect);
  const oneTransaction =
    observed.server.dialect === 'postgresql' &&
    (units.length === 0 || (units.length === 1 && units[0]?.mode === 'transaction'));
  return {
    target: 'database',
    kind: resume === null ? 'apply' : 'resume',
    id: parsed.migration.tag,
    migration: parsed,
    impact: parsed.impact,
    steps,
    units,
    atomic: oneTransaction,
    announced: !(oneTransaction && parsed.impact === 'expand'),
    resume,
  };
}

/**
 * Where an unfinished attempt goes on. A failed or interrupted attempt that got nowhere is begun anew.
 * A `repair` after the attempt answers for the statement in doubt; else the catalogue does.
 */
function resumeOf(
  parsed: ParsedMigration,
  observed: DatabaseObservation,
): Resume | null | 'undecidable' {
  const attempt = lastAttempt(observed, parsed.migration.tag);
  if (attempt === undefined || attempt.state === 'done') return null;
  const repair = repairAfter(observed, attempt);
  // A repair that names no statement speaks of the whole file: it was rolled back by hand.
  if (repair?.resolution === 'rolled-back' && repair.inFlight === null) return null;
  if (attempt.inFlight === null) {
    return attempt.statementCursor === 0
      ? null
      : { attemptId: attempt.id, position: attempt.statementCursor, settled: [] };
  }
  const answer = repairAnswer(repair, attempt) ?? observed.inDoubt.get(parsed.migration.tag);
  switch (answer) {
    case 'took-effect':
      return { attemptId: attempt.id, position: attempt.inFlight + 1, settled: [attempt.inFlight] };
    case 'did-not':
      return { attemptId: attempt.id, position: attempt.inFlight, settled: [] };
    case 'undecidable':
    case undefined:
      return 'undecidable';
  }
}

/** The latest attempt of kind `migration`: the one that says how far the file got. */
export function lastAttempt(observed: DatabaseObservation, tag: string): Attempt | undefined {
  return observed.ledger.attempts.findLast(
    (attempt) => attempt.tag === tag && attempt.kind === 'migration',
  );
}

function repairAfter(observed: DatabaseObservation, attempt: Attempt): Attempt | undefined {
  return observed.ledger.attempts.findLast(
    (later) =>
      later.kind === 'repair' && later.tag === attempt.tag && BigInt(later.id) > BigInt(attempt.id),
  );
}

/** The cursor of a repair row is the answer: past the statement in doubt (it took effect), or on it (it did not). */
function repairAnswer(
  repair: Attempt | undefined,
  attempt: Attempt,
): 'took-effect' | 'did-not' | undefined {
  if (repair === undefined || repair.inFlight === null || repair.inFlight !== attempt.inFlight) {
    return undefined;
  }
  return repair.statementCursor > repair.inFlight ? 'took-effect' : 'did-not';
}

function inProgressFinding({ migration, statements }: ParsedMigration, attempt: Attempt): Finding {
  const at = Math.min((attempt.inFlight ?? attempt.statementCursor) + 1, statements.length);
  return {
    code: 'in-progress',
    severity: 'info',
    tag: migration.tag,
    message: `${migration.tag} is being applied right now, at statement ${at} of ${statements.length}.`,
  };
}

/** A migration that got half-way and then left the folder would have no name in any other list. */
function leftoverFindings(observed: DatabaseObservation): readonly Finding[] {
  const known = new Set(observed.journal.migrations.map(({ tag }) => tag));
  const latest = new Map(
    observed.ledger.attempts
      .filter(({ kind, tag }) => kind === 'migration' && !known.has(tag))
      .map((attempt) => [attempt.tag, attempt]),
  );
  return [...latest.values()]
    .filter(
      ({ state, statementCursor, inFlight }) =>
        state !== 'done' && (statementCursor > 0 || inFlight !== null),
    )
    .map(({ tag, statementCursor, statements }) => ({
      code: 'half-applied-and-gone',
      severity: 'warning',
      tag,
      message: `${tag} was applied in part (${statementCursor} of ${statements} statements) and is not in this folder any more, or has another name: what it did is still there.`,
    }));
}

function fileOf(observed: DatabaseObservation, match: Match): string | undefined {
  return observed.journal.migrations[match.position]?.file;
}

function outOfOrderFinding(match: Match): Finding {
  return {
    code: 'out-of-order',
    severity: 'warning',
    tag: match.tag,
    message: `${match.tag} stands before migrations that are already applied, as after a late merge. It is applied now; a fresh database applies it earlier.`,
  };
}

const VERDICT_MESSAGES: Partial<Record<Match['verdict'], string>> = {
  edited:
    'was edited after it was applied; policy "edited: warn" lets the run go on. The edit is not applied.',
  'edited-before-adoption':
    'differs from what the ledger recorded before this tool was adopted; it counts as applied. The edit is not applied.',
  'comments-changed': 'differs from what was applied in comments and white space only.',
  'line-endings':
    'differs from what was applied in line endings only: put "*.sql text eol=lf" into .gitattributes.',
  renamed: 'is recorded under another name; drizzle-orm 1.x would run it again.',
  retimed: 'is recorded with another time: a regenerated journal, or a row written by hand.',
  'name-missing': 'is recorded without a name; drizzle-orm 1.x would run it again.',
};

function verdictFindings(match: Match): readonly Finding[] {
  const message = VERDICT_MESSAGES[match.verdict];
  if (message === undefined) return [];
  return [
    {
      code: match.verdict,
      severity: 'warning',
      tag: match.tag,
      message: `${match.tag} ${message}`,
    },
  ];
}

/** Without a registry nobody is asked: say what an older build would miss. A new database has no older build. */
function impactFindings(
  parsed: ParsedMigration,
  observed: DatabaseObservation,
  fleet: FleetView,
): readonly Finding[] {
  if (parsed.impact === 'expand' || observed.ledger.empty || fleet.mode !== 'none') return [];
  const missed = parsed.statements
    .flatMap((statement) => statement.is.effects)
    .filter((effect) => harmsOlderBuilds(effect))
    .map(nameOf);
  const names = [...new Set(missed)];
  const listed =
    names.slice(0, 8).join(', ') + (names.length > 8 ? `, ${names.length - 8} more` : '');
  return [
    {
      code: parsed.impact === 'contract' ? 'contract-without-fleet' : 'breaking-without-fleet',
      severity: 'warning',
      tag: parsed.migration.tag,
      file: parsed.migration.file,
      message: `${parsed.migration.tag} is a ${parsed.impact} migration and no instance is registered that could object: builds that do not know it would miss ${listed || 'what it changes'}.`,
    },
  ];
}

function harmsOlderBuilds(effect: SchemaEffect): boolean {
  return (
    effect.effect === 'removes' ||
    effect.effect === 'renames' ||
    effect.effect === 'retypes' ||
    effect.effect === 'tightens' ||
    effect.breaksOldWriters === true
  );
}

function nameOf(effect: SchemaEffect): string {
  const { object } = effect;
  const owner = object.table === undefined ? '' : `${object.table.name}.`;
  return `${object.kind} ${owner}${object.name}`;
}

/** Positions that a resumed migration still has to run. */
export function remainingSteps(action: MigrationAction): readonly Step[] {
  const from = action.resume?.position ?? 0;
  return action.steps.filter((step) => step.position >= from);
}
