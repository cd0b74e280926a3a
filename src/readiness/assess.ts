import type { Attempt, LedgerMatch, LedgerSnapshot, Match } from '../ledger/ledger.js';
import type { Readiness, ReadinessObservation, ReadinessState, Reason } from './readiness.js';
import type { KnownMigration } from './knowledge.js';
import type { ReadinessOptions } from '../options.js';

/** {@link ReadinessOptions} with every default filled in. */
export type ResolvedReadinessOptions = Required<ReadinessOptions>;

/** One reason, and what it means for a replica that never was ready and for one that serves already. */
export interface Ground {
  readonly reason: Reason;
  readonly neverReady: ReadinessState;
  readonly alreadyReady: ReadinessState;
}

/** What this replica has been through: the part of the answer that the database does not know. */
export interface Standing {
  /** Whether this replica has been up or degraded at any time since it started. */
  readonly wasReady: boolean;
  /** Whether its last answer let traffic in. Grace and hysteresis protect a replica that serves, and never revive one that does not. */
  readonly serving: boolean;
  /** Consecutive reads, this one included, that found something a ready replica is taken down for. */
  readonly badReads: number;
  /** Milliseconds since the first read that did not reach the database; 0 when the last one did. */
  readonly unreachableMs: number;
}

/** Everything {@link assess} decides by. */
export interface AssessInput extends Standing {
  /** What this build ships, from its journal. */
  readonly known: readonly KnownMigration[];
  readonly observation: ReadinessObservation;
  readonly options: ResolvedReadinessOptions;
}

/** Reads that a ready replica must find bad before it is taken out: a failover or a slow read is not a verdict. */
const BAD_READS_TO_GO_DOWN = 2;

/** A reason never lists more tags than this; `count` says how many there are. */
const TAGS_SHOWN = 10;

const SEVERITY: Readonly<Record<ReadinessState, number>> = { up: 0, degraded: 1, down: 2 };

/**
 * Is the database below what THIS build needs, or past what it can live with? The table of operating.md 2.3, first match first;
 * row 0 (shutting down) is Terminus'. Columns: never ready yet / already ready.
 *
 * | row | situation | state | reason |
 * | --- | --- | --- | --- |
 * | 1 | nothing read yet | down | `unknown` |
 * | 2 | database unreachable | down / degraded for the grace, then down | `db_unreachable` |
 * | 3 | ledger missing or unreadable | down / down | `uninitialised`, `no_permission` |
 * | 4 | a required migration is not applied | down / down | `behind` |
 * | 4b | a check of the user's fails | down / down | `marker_missing` |
 * | 5 | something applied or begun requires a migration this build lacks | down / down | `ahead_incompatible` |
 * | 6 | an unknown migration inside this build's history | down / degraded | `diverged` |
 * | 7 | unknown migrations that this build can live with | degraded | `ahead` |
 * | 8 | unknown migrations that nobody declared | degraded | `ahead_undeclared` |
 * | 9 | a migration not required is running or failed | degraded | `migration_in_progress`, `migration_failed` |
 * | 10 | an applied file differs | degraded; comments only: up | `checksum`, `comments_changed` |
 * | 11 | own contracts pending | up | `contract_pending` |
 * | 12 | all well | up | `current` |
 *
 * Rows get milder downwards, so the worst ground is the first match; only an option that says `down` can make a later row decide, as asked.
 * A ready replica goes down after two bad reads (the first one shows as degraded) and comes back after one good one.
 */
export function assess(input: AssessInput): Readiness {
  return settle(judge(input.known, input.observation, input.options), input, input.options);
}

/** The grounds that an observation gives, in the order of the table. Pure, and the expensive half: done once a read. */
export function judge(
  known: readonly KnownMigration[],
  observation: ReadinessObservation,
  options: ResolvedReadinessOptions,
): readonly Ground[] {
  if (observation.kind !== 'read') return groundsOf(observation.kind);
  const { ledger, match, missingMarkers } = observation;
  // A build that ships nothing cannot say what it needs: nothing configured is down, never up.
  if (known.length === 0) return groundsOf('none');
  if (ledger.version === null) return [down({ code: 'uninitialised' })];
  const grounds = [
    ...behind(known, match, ledger.attempts),
    ...(missingMarkers.length > 0 ? [down(reason('marker_missing', missingMarkers))] : []),
    ...aheadIncompatible(known, match, ledger.attempts),
    ...unknownRows(known, match, ledger, options),
    ...notRequired(known, match, ledger),
    ...checksums(match, options),
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

/** The state that grounds come to for this replica. Pure and cheap: done on every probe. */
export function settle(
  grounds: readonly Ground[],
  standing: Standing,
  options: ResolvedReadinessOptions,
): Readiness {
  const stateOf = (ground: Ground): ReadinessState =>
    standing.wasReady ? ground.alreadyReady : ground.neverReady;
  const worst = grounds.reduce((a, b) => (SEVERITY[stateOf(b)] > SEVERITY[stateOf(a)] ? b : a));
  const reasons = [worst, ...grounds.filter((ground) => ground !== worst)].map(
    (ground) => ground.reason,
  );
  const state = stateOf(worst);
  if (state !== 'down' || !standing.serving) return { state, reasons };
  if (worst.reason.code === 'db_unreachable') {
    const kept =
      options.onUnreachable === 'last-known' || standing.unreachableMs < options.unreachableGraceMs;
    return { state: kept ? 'degraded' : 'down', reasons };
  }
  return { state: standing.badReads < BAD_READS_TO_GO_DOWN ? 'degraded' : 'down', reasons };
}

/** Whether a read found something that takes a ready replica down once it is confirmed. */
export function isBad(grounds: readonly Ground[]): boolean {
  return grounds.some((ground) => ground.alreadyReady === 'down');
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
  return attempt.state === 'failed' || attempt.state === 'interrupted';
}

/** A failed attempt that completed no statement and left none in doubt was rolled back whole. */
function tookEffect(attempt: Attempt): boolean {
  return attempt.state !== 'failed' || attempt.statementCursor > 0 || attempt.inFlight !== null;
}

/** Somebody looked and put on record, after it, that not even its first statement took effect. */
function isAnsweredRolledBack(attempt: Attempt, attempts: readonly Attempt[]): boolean {
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

function reason(code: Reason['code'], tags: readonly string[]): Reason {
  return { code, tags: tags.slice(0, TAGS_SHOWN), count: tags.length };
}

/** A ground that never takes a serving replica out. */
function some(code: Reason['code'], tags: readonly string[], neverReady: ReadinessState): Ground[] {
  return tags.length > 0
    ? [{ reason: reason(code, tags), neverReady, alreadyReady: 'degraded' }]
    : [];
}

function down(because: Reason): Ground {
  return { reason: because, neverReady: 'down', alreadyReady: 'down' };
}

function up(because: Reason): Ground {
  return { reason: because, neverReady: 'up', alreadyReady: 'up' };
}
