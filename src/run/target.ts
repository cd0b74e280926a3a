import type { MigratorError } from '../errors.js';
import type { HeldLock } from '../lock/lock.js';
import type { FleetView } from '../fleet/fleet.js';
import type { Deferred } from '../plan/gate-actions.js';
import type { Action } from '../plan/plan.js';
import type { Emit, Finding, WorkUnit } from '../run-events.js';
import type { Session } from '../database/database.js';

/** What a target may use to look: a session for the database, and nothing that writes. */
export interface ObserveContext {
  readonly session: Session;
  readonly signal: AbortSignal;
  /** Whether the session is in a transaction of the caller's, which must outlive a read that the server refuses. @default false */
  readonly inTransaction?: boolean;
}

/** What a target works with: the lock's session and fence, and the one stream of events. */
export interface RunContext {
  readonly lock: HeldLock;
  /** Aborted when the run must stop: a signal of the user's, a lost lock, a lost session. Its reason is a `MigratorError`. */
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /** Recorded with every attempt. */
  readonly runner: string;
  readonly build: string | null;
  readonly actor: string | null;
  /** What is on record about the run itself, such as that it went without its coordinator. */
  readonly reason: string | null;
  /** Who runs at this moment, as far as registry and probes can tell. */
  fleet(): Promise<FleetView>;
}

/** What one action works with. */
export interface ActContext extends RunContext {
  /** Nothing comes after it: what it commits is reported as done, and must be on disk by then. */
  readonly last: boolean;
}

/** What a target would do, and why it may not. */
export interface TargetPlan<A extends Action> {
  readonly actions: readonly A[];
  /** What waits for the fleet. @default nothing */
  readonly deferred?: readonly Deferred[];
  readonly findings: readonly Finding[];
  readonly refusals: readonly MigratorError[];
}

/** What came of one action. */
export interface ActionResult {
  readonly durationMs: number;
  /** Milliseconds of it spent waiting for table locks. */
  readonly lockWaitMs: number;
}

/**
 * Something that is brought to what the build needs. Everything that changes anything goes through this interface,
 * so that plan, lock, fence and run events are the same for all (DESIGN 3). The database is the first target.
 */
export interface Target<Observed, A extends Action = Action> {
  /** `database`, `streams`, ... */
  readonly name: string;
  /** What one action is, for those who read of it. */
  readonly unit: WorkUnit;
  /** Read-only; also for dry runs. */
  observe(context: ObserveContext): Promise<Observed>;
  /** Null when something is left to do; else what {@link observe} would say, told as cheaply as can be. */
  observeIfCurrent(context: ObserveContext): Promise<Observed | null>;
  /** Whether the fleet has a say in what is left to do. */
  asksFleet(observed: Observed): boolean;
  /** Pure. */
  plan(observed: Observed, fleet: FleetView): TargetPlan<A>;
  /** Once, under the lock and before the first action: what a dead predecessor left is put on record. */
  prepare(observed: Observed, context: RunContext): Promise<void>;
  /** @throws {MigratorError} `FLEET_OBJECTED` when an instance registered meanwhile that does not know it: nothing was done, and the plan is another one now */
  act(action: A, context: ActContext): Promise<ActionResult>;
}
