import type { Ground } from './ground.js';
import { judge, type ResolvedReadinessOptions } from './judge.js';
import type { KnownMigration } from './knowledge.js';
import type { CalledPhases } from './operation-grounds.js';
import type { Readiness, ReadinessObservation, ReadinessState } from './readiness.js';

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
  /** Which phases of which operations its journal calls. @default none */
  readonly called?: readonly CalledPhases[];
  readonly observation: ReadinessObservation;
  readonly options: ResolvedReadinessOptions;
}

/** Reads that a ready replica must find bad before it is taken out: a failover or a slow read is not a verdict. */
const BAD_READS_TO_GO_DOWN = 2;

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
 * | 4a | an operation is not where this build needs it, or past it | down / down | `operation_not_ready`, `operation_contracted` |
 * | 4b | a check of the user's fails | down / down | `marker_missing` |
 * | 5 | something applied or begun requires a migration this build lacks | down / down | `ahead_incompatible` |
 * | 6 | an unknown migration inside this build's history | down / degraded | `diverged` |
 * | 7 | unknown migrations that this build can live with | degraded | `ahead` |
 * | 8 | unknown migrations that nobody declared | degraded | `ahead_undeclared` |
 * | 9 | a migration not required is running or failed | degraded | `migration_in_progress`, `migration_failed` |
 * | 10 | an applied file differs | degraded; comments only: up | `checksum`, `comments_changed` |
 * | 10a | this replica could not register | degraded (`fleet.mode: 'required'`: down) / degraded | `unregistered` |
 * | 11 | own contracts pending | up | `contract_pending` |
 * | 12 | all well | up | `current` |
 *
 * Rows get milder downwards, so the worst ground is the first match; only an option that says `down` can make a later row decide, as asked.
 * A ready replica goes down after two bad reads (the first one shows as degraded) and comes back after one good one.
 */
export function assess(input: AssessInput): Readiness {
  return settle(
    judge(input.known, input.observation, input.options, input.called),
    input,
    input.options,
  );
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
