import type { MigratorError } from '../errors.js';
import type { ParsedMigration } from '../journal/journal.js';
import type { Attempt } from '../ledger/ledger.js';
import { lostState } from './lost-state.js';
import type { DatabaseObservation, Resume, Step } from './plan.js';
import { attemptInterrupted, editedBeforeResume, sessionStateLost } from './refusals.js';
import { firstChanged } from './step-digests.js';
import { statementsBefore } from './steps.js';

/** Where a migration begins, null = at its first position; or why it may not. */
export type Start =
  | { readonly resume: Resume | null; readonly refusal?: never }
  | { readonly refusal: MigratorError };

/** What is known of what was begun before. */
export type Begun = Pick<DatabaseObservation, 'ledger' | 'inDoubt' | 'stepDigests'>;

/**
 * Where a pending migration begins, and on the way back its down file. Pure; first matching row decides:
 * | its last attempt | answer |
 * | --- | --- |
 * | none, or it got nowhere, or all of it was undone by hand | at the beginning |
 * | its statement in doubt is one that nothing can decide | refuse until `repair` |
 * | what it completed has been edited since | refuse |
 * | its session had what the rest needs | refuse until the file makes it again |
 * | anything else | after what it completed |
 */
export function startOf(
  parsed: ParsedMigration,
  steps: readonly Step[],
  observed: Begun,
  again: string,
): Start {
  const attempt = lastAttempt(observed, parsed.migration.tag);
  if (attempt === undefined || attempt.state === 'done') return { resume: null };
  const before = (at: number): number => statementsBefore(parsed, steps, at);
  const resume = resumeOf(attempt, observed);
  if (resume === 'undecidable')
    return { refusal: attemptInterrupted(parsed, attempt, before, again) };
  if (resume === null) return { resume };
  const { position } = resume;
  const digests = observed.stepDigests.get(attempt.tag) ?? [];
  const changed = firstChanged(attempt.stepDigests, digests, position);
  if (changed !== null)
    return { refusal: editedBeforeResume(parsed, before(changed), before(position), again) };
  const lost = lostState(parsed, steps, position);
  if (lost.length > 0) return { refusal: sessionStateLost(parsed, before(position), lost, again) };
  return { resume };
}

/** The latest attempt of kind `migration`: the one that says how far the file got. */
export function lastAttempt(observed: Pick<Begun, 'ledger'>, tag: string): Attempt | undefined {
  return observed.ledger.attempts.findLast(
    (attempt) => attempt.tag === tag && attempt.kind === 'migration',
  );
}

/**
 * Where an unfinished attempt goes on. A failed or interrupted attempt that got nowhere is begun anew.
 * A `repair` after the attempt answers for the statement in doubt; else the catalogue does.
 */
function resumeOf(attempt: Attempt, observed: Begun): Resume | null | 'undecidable' {
  const repair = repairAfter(observed, attempt);
  // A repair that names no statement speaks of the whole file: it was rolled back by hand.
  if (repair?.resolution === 'rolled-back' && repair.inFlight === null) return null;
  if (attempt.inFlight === null) {
    return attempt.statementCursor === 0
      ? null
      : { attemptId: attempt.id, position: attempt.statementCursor, settled: [] };
  }
  const answer = repairAnswer(repair, attempt) ?? observed.inDoubt.get(attempt.tag);
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

function repairAfter(observed: Begun, attempt: Attempt): Attempt | undefined {
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
