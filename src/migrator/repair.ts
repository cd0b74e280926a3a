import { MigratorError } from '../errors.js';
import { tokenChecksums } from '../journal/parse-migration.js';
import type { Attempt, Match, RepairResolution } from '../ledger/ledger.js';
import { gotSomewhere } from '../plan/got-somewhere.js';
import type { RepairResult } from '../migrator.js';
import { lastAttempt } from '../plan/resume.js';
import type { DatabaseObservation } from '../plan/plan.js';
import { assertKnownTag, type MigratorEnvironment } from './environment.js';
import { factsOf, withLockedLedger } from './run-locked.js';

export interface RepairOptions {
  /** Why; kept with the answer. */
  readonly reason: string;
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Puts an operator's answer on record.
 *
 * | asked | the entry is | what happens |
 * | --- | --- | --- |
 * | `applied`, `rolled-back` | pending, a statement in doubt | answers for that statement; the next `up` goes on after it, or with it |
 * | `applied` | pending or ambiguous, nothing in doubt | ledger row: the whole migration counts as applied |
 * | `rolled-back` | pending, begun before | the next `up` begins it anew |
 * | `rolled-back` | reverted in part, nothing in doubt | what was reverted is there again by hand; the next `down` begins anew |
 * | `applied`, `rolled-back` | reverted in part, a statement of its down file in doubt | answers for that statement; the next `down` goes on after it, or with it |
 * | `accept-checksum` | edited | the file as it is now counts as what was applied |
 * | anything else | | refused |
 *
 * @throws {MigratorError} `REFUSED_REPAIR`, `UNKNOWN_TAG`, `USAGE` without a reason
 */
export async function repair(
  environment: MigratorEnvironment,
  tag: string,
  resolution: RepairResolution,
  options: RepairOptions,
): Promise<RepairResult> {
  if (options.reason.trim() === '') throw reasonMissing(tag, resolution);
  assertKnownTag(environment.journal(), tag);
  return withLockedLedger(
    environment,
    'repair',
    options,
    (observed) => refusalOf(observed, tag, resolution),
    async ({ observed, writer, session }) => {
      const migration = observed.journal.migrations.find((one) => one.tag === tag);
      if (migration === undefined) throw new RangeError(`no migration ${tag}`);
      const attempt = unfinished(observed, tag);
      const inFlight = resolution === 'accept-checksum' ? null : (attempt?.inFlight ?? null);
      const cursor = inFlight === null ? 0 : inFlight + (resolution === 'applied' ? 1 : 0);
      const tokens = tokenChecksums(session.server.dialect, session.server.sqlMode)(migration);
      await writer.repair(
        {
          ...factsOf(migration, tokens),
          statements: attempt?.statements ?? 0,
          // An answer about a way back says nothing of what the migration means for other builds.
          ...(attempt?.kind === 'down'
            ? { impact: null, requires: null }
            : { impact: attempt?.impact ?? null, requires: attempt?.requires ?? null }),
          resolution,
          reason: options.reason,
          inFlight,
          cursor,
        },
        resolution === 'applied' && inFlight === null,
      );
      return { tag, resolution, statement: inFlight === null ? null : inFlight + 1 };
    },
  );
}

/** The attempt that an answer is about: begun, not done, and not answered for as a whole already. */
function unfinished(observed: DatabaseObservation, tag: string): Attempt | undefined {
  const back = wayBack(observed, tag);
  if (back !== undefined) return back;
  const attempt = lastAttempt(observed, tag);
  return attempt === undefined || attempt.state === 'done' ? undefined : attempt;
}

/** A way back that was begun and is not through. */
function wayBack({ ledger }: DatabaseObservation, tag: string): Attempt | undefined {
  return ledger.attempts.findLast(
    (attempt) => attempt.kind === 'down' && attempt.tag === tag && gotSomewhere(attempt),
  );
}

function refusalOf(
  observed: DatabaseObservation,
  tag: string,
  resolution: RepairResolution,
): readonly MigratorError[] {
  const match = observed.match.entries.find((entry) => entry.tag === tag);
  if (match === undefined) return [];
  const back = wayBack(observed, tag);
  if (back !== undefined) {
    const answers =
      resolution === 'rolled-back' || (resolution === 'applied' && back.inFlight !== null);
    const because =
      'it is reverted in part, and nothing is in doubt: the way back goes on where it stopped';
    return answers ? [] : [refused(match, resolution, because)];
  }
  const open = match.verdict === 'pending' || match.verdict === 'ambiguous';
  const begun = unfinished(observed, tag) !== undefined;
  switch (resolution) {
    case 'applied':
      return open ? [] : [refused(match, resolution, 'it is recorded as applied already')];
    case 'rolled-back':
      if (match.verdict === 'pending' && begun) return [];
      return [
        refused(
          match,
          resolution,
          open
            ? 'no run of it was ever begun: nothing is to be undone'
            : 'it is recorded as applied',
        ),
      ];
    case 'accept-checksum':
      return match.verdict === 'edited' ||
        match.verdict === 'edited-before-adoption' ||
        match.verdict === 'comments-changed'
        ? []
        : [refused(match, resolution, open ? 'it is not applied' : 'its file is what was applied')];
  }
}

function refused(match: Match, resolution: RepairResolution, because: string): MigratorError {
  return new MigratorError('REFUSED_REPAIR', {
    message: `${match.tag} is not to be repaired as ${resolution}: ${because}.`,
    place: { migration: match.tag },
    state: 'Nothing was changed.',
    remedy: 'nest-migrate status shows what is known of it.',
    details: { verdict: match.verdict },
  });
}

function reasonMissing(tag: string, resolution: RepairResolution): MigratorError {
  return new MigratorError('USAGE', {
    message: 'A repair needs a reason: it stays on record.',
    state: 'Nothing was changed.',
    remedy: `nest-migrate repair ${tag} ${resolution} --reason "..."`,
  });
}
