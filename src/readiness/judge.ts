import type { ErrorCode } from '../errors.js';
import type { Attempt, LedgerMatch, LedgerSnapshot, Match } from '../ledger/ledger.js';
import type { ReadinessOptions } from '../options.js';
import { down, reason, some, up, type Ground } from './ground.js';
import { operationGrounds, type CalledPhases } from './operation-grounds.js';
import type { KnownMigration } from './knowledge.js';
import type { ReadinessObservation } from './readiness.js';

/** {@link ReadinessOptions} with every default filled in. */
export interface ResolvedReadinessOptions extends Required<ReadinessOptions> {
  /** A replica without a place in the fleet that never was ready: `down` where the fleet is required. @default 'degraded' */
  readonly unregistered?: 'degraded' | 'down';
}

/** How an announcement ends that the fleet objects to. */
const WITHDRAWN: ErrorCode = 'FLEET_OBJECTED';

/** The grounds that an observation gives, in the order of the table. Pure, and the expensive half: done once a read. */
export function judge(
  known: readonly KnownMigration[],
  observation: ReadinessObservation,
  options: ResolvedReadinessOptions,
  called: readonly CalledPhases[] = [],
): readonly Ground[] {
  if (observation.kind !== 'read') return groundsOf(observation.kind);
  const { ledger, match, missingMarkers } = observation;
  // A build that ships nothing cannot say what it needs: nothing configured is down, never up.
  if (known.length === 0) return groundsOf('none');
  if (ledger.version === null) return [down({ code: 'uninitialised' })];
  const grounds = [
    ...behind(known, match, ledger.attempts),
    ...reverting(known, ledger.attempts),
    ...operationGrounds(
      called,
      observation.operations ?? new Map(),
      isDeclared(known, ledger.attempts),
    ),
    ...(missingMarkers.length > 0 ? [down(reason('marker_missing', missingMarkers))] : []),
    ...aheadIncompatible(known, match, ledger.attempts),
    ...unknownRows(known, match, ledger, options),
    ...notRequired(known, match, ledger),
    ...checksums(match, options),
    ...(observation.unregistered === true ? [unregistered(options)] : []),
    ...contracts(known, match),
  ];
  return grounds.length > 0 ? grounds : [up({ code: 'current' })];
}

/** The grounds of an observation that read nothing (rows 1 to 3). */
export function groundsOf(kind: Exclude<ReadinessObservation['kind'], 'read'>): readonly Ground[] {
  switch (kind) {
    case 'none':
      return [down({ code: 'unknown' })];
    case 'unreachable':
      return [down({ code: 'db_unreachable' })];
    case 'no-permission':
      return [down({ code: 'no_permission' })];
  }
}

/** Row 4. `ambiguous` is not proven applied, and what is not proven counts as missing. */
function behind(
  known: readonly KnownMigration[],
  match: LedgerMatch,
  attempts: readonly Attempt[],
): Ground[] {
  const impactOf = impacts(known);
  const missing = match.entries
    .filter((entry) => isMissing(entry) && impactOf.get(entry.tag) !== 'contract')
    .map((entry) => entry.tag);
  if (missing.length === 0) return [];
  const wanted = new Set(missing);
  const failed = attempts.some((attempt) => wanted.has(attempt.tag) && hasStopped(attempt));
  return [down({ ...reason('behind', missing), ...(failed && { failed: true }) })];
}

/** Row 4 too: what is being reverted, or is in part, is as good as gone. */
function reverting(known: readonly KnownMigration[], attempts: readonly Attempt[]): Ground[] {
  // Contracts are required by nobody.
  const tags = new Set(known.filter(({ impact }) => impact !== 'contract').map(({ tag }) => tag));
  const back = attempts.filter(({ kind, tag }) => kind === 'down' && tags.has(tag));
  if (back.length === 0) return [];
  const failed = back.some(hasStopped);
  return [down({ ...reason('behind', tagsOf(back)), ...(failed && { failed: true }) })];
}

/** Row 5: older builds learn from the attempts of newer ones what they can no longer live with. */
function aheadIncompatible(
  known: readonly KnownMigration[],
  match: LedgerMatch,
  attempts: readonly Attempt[],
): Ground[] {
  const tags = new Set(known.map((migration) => migration.tag));
  // An attempt under a tag that was renamed in the folder since is ours all the same: same file, same time.
  const ours = new Set(
    match.entries.flatMap((entry) => (entry.row ? [identityOf(entry.row)] : [])),
  );
  for (const attempt of attempts) if (ours.has(identityOf(attempt))) tags.add(attempt.tag);
  const lacking = attempts
    .filter((attempt) => tookEffect(attempt) && isMigration(attempt))
    .filter((attempt) => !isAnsweredRolledBack(attempt, attempts))
    .flatMap(({ requires }) => (requires !== null && !tags.has(requires) ? [requires] : []));
  return lacking.length > 0 ? [down(reason('ahead_incompatible', [...new Set(lacking)]))] : [];
}

/** Whether a newer build has left word that this one can live with what it did. */
function isDeclared(known: readonly KnownMigration[], attempts: readonly Attempt[]): boolean {
  const tags = new Set(known.map(({ tag }) => tag));
  return attempts.some(
    (attempt) =>
      declares(attempt) &&
      !tags.has(attempt.tag) &&
      attempt.requires !== null &&
      tags.has(attempt.requires),
  );
}

/** Rows 6 to 8: ledger rows that no journal entry claims. Rows older than the whole journal are history the folder no longer ships. */
function unknownRows(
  known: readonly KnownMigration[],
  match: LedgerMatch,
  ledger: LedgerSnapshot,
  options: ResolvedReadinessOptions,
): Ground[] {
  const times = known.map((migration) => migration.createdAtMs);
  const oldest = times.reduce((a, b) => Math.min(a, b), Infinity);
  const newest = times.reduce((a, b) => Math.max(a, b), -Infinity);
  const declared = new Map(
    ledger.attempts.filter(declares).map((attempt) => [identityOf(attempt), attempt]),
  );
  const diverged: string[] = [];
  const ahead: string[] = [];
  const undeclared: string[] = [];
  for (const row of match.unknown) {
    const time = row.createdAt === null ? null : Number(row.createdAt);
    if (time !== null && time < oldest) continue;
    const attempt = declared.get(identityOf(row));
    const name = attempt?.tag ?? row.name ?? `#${row.id}`;
    if (time !== null && time <= newest) diverged.push(name);
    else if (attempt === undefined) undeclared.push(name);
    else ahead.push(name);
  }
  return [
    ...some('diverged', diverged, options.diverged),
    ...some('ahead', ahead, 'degraded'),
    ...some('ahead_undeclared', undeclared, options.unknownAhead),
  ];
}

/** Row 9: failed or running is no state of the fleet but a question per build; what this build requires is row 4. */
function notRequired(
  known: readonly KnownMigration[],
  match: LedgerMatch,
  ledger: LedgerSnapshot,
): Ground[] {
  const impactOf = impacts(known);
  const settled = new Set<string>();
  const required = new Set<string>();
  for (const entry of match.entries) {
    if (!isMissing(entry)) settled.add(entry.tag);
    else if (impactOf.get(entry.tag) !== 'contract') required.add(entry.tag);
  }
  const inLedger = new Set(ledger.rows.map(identityOf));
  const open = ledger.attempts.filter(
    (attempt) =>
      attempt.kind === 'migration' &&
      !settled.has(attempt.tag) &&
      !required.has(attempt.tag) &&
      !inLedger.has(identityOf(attempt)),
  );
  const running = open.filter((attempt) => attempt.state === 'running');
  const stopped = open.filter(hasStopped);
  return [
    ...some('migration_in_progress', tagsOf(running), 'degraded'),
    ...some('migration_failed', tagsOf(stopped), 'degraded'),
  ];
}

/** Row 10. */
function checksums(match: LedgerMatch, options: ResolvedReadinessOptions): Ground[] {
  const edited = match.entries.filter(
    ({ verdict }) => verdict === 'edited' || verdict === 'edited-before-adoption',
  );
  const commented = match.entries.filter(({ verdict }) => verdict === 'comments-changed');
  return [
    ...some('checksum', tagsOf(edited), options.checksum),
    ...(commented.length > 0 ? [up(reason('comments_changed', tagsOf(commented)))] : []),
  ];
}

/** Row 10a. */
function unregistered({ unregistered: never = 'degraded' }: ResolvedReadinessOptions): Ground {
  return { reason: { code: 'unregistered' }, neverReady: never, alreadyReady: 'degraded' };
}

/** Row 11. Requiring contracts would be a deadlock: they wait for the old replicas, which wait for the new ones to be ready. */
function contracts(known: readonly KnownMigration[], match: LedgerMatch): Ground[] {
  const impactOf = impacts(known);
  const pending = match.entries.filter(
    (entry) => isMissing(entry) && impactOf.get(entry.tag) === 'contract',
  );
  return pending.length > 0 ? [up(reason('contract_pending', tagsOf(pending)))] : [];
}

function isMissing(entry: Match): boolean {
  return entry.verdict === 'pending' || entry.verdict === 'ambiguous';
}

/** Attempts that stand for a migration's own statements. */
function isMigration(attempt: Attempt): boolean {
  return attempt.kind === 'migration' || attempt.kind === 'baseline' || attempt.kind === 'repair';
}

/** Whether an attempt says what its migration means for builds that do not know it; one put on record by hand may not. */
function declares(attempt: Attempt): boolean {
  return isMigration(attempt) && attempt.impact !== null;
}

function hasStopped(attempt: Attempt): boolean {
  // Taken back before its first statement, because an instance had registered meanwhile: nothing has failed.
  if (attempt.errorCode === WITHDRAWN) return false;
  return hasEnded(attempt);
}

/** An attempt that is over, completed no statement and left none in doubt did nothing, or was rolled back whole. One that runs may do something at any moment. */
function tookEffect(attempt: Attempt): boolean {
  return !hasEnded(attempt) || attempt.statementCursor > 0 || attempt.inFlight !== null;
}

function hasEnded({ state }: Attempt): boolean {
  return state === 'failed' || state === 'interrupted';
}

/** Somebody looked and put on record, after it, that not even its first statement took effect. */
function isAnsweredRolledBack(attempt: Attempt, attempts: readonly Attempt[]): boolean {
  // What is done is in no doubt: a later answer is about its way back.
  if (attempt.kind === 'migration' && attempt.state === 'done') return false;
  return attempts.some(
    (answer) =>
      answer.kind === 'repair' &&
      answer.resolution === 'rolled-back' &&
      answer.tag === attempt.tag &&
      answer.statementCursor === 0 &&
      BigInt(answer.id) >= BigInt(attempt.id),
  );
}

/** File checksum and time, by which an attempt and a ledger row are the same migration whatever it is called. */
function identityOf(
  of: { readonly hash: string; readonly createdAt: string | null } | Attempt,
): string {
  return 'hash' in of ? `${of.hash} ${of.createdAt}` : `${of.fileChecksum} ${of.createdAtMs}`;
}

function impacts(known: readonly KnownMigration[]): ReadonlyMap<string, KnownMigration['impact']> {
  return new Map(known.map((migration) => [migration.tag, migration.impact]));
}

function tagsOf(entries: readonly { readonly tag: string }[]): string[] {
  return [...new Set(entries.map((entry) => entry.tag))];
}
