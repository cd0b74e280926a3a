import type { ReadinessState } from '../../../src/readiness/readiness.js';
import type { Run } from './history.js';

/** What came of a run. */
export interface RunOutcome {
  /** How many steps are applied now. */
  readonly applied: number;
  readonly deferred: boolean;
  /** Code of the error that ended it; null = none. */
  readonly code: string | null;
}

/** What `up` is told. */
export interface UpRequest extends Run {
  /** Who goes through the rows of operations. */
  readonly rows: 'up' | 'worker';
}

/** What `down` is told. */
export interface DownRequest extends Run {
  /** How many steps stay. */
  readonly to: number;
}

/** A fleet and its database: the model, or a real one. */
export interface FleetWorld {
  /** Starts a replica; it has not looked yet. */
  start(id: number, build: number, registers: boolean): Promise<void>;
  /** One read of its refresher. */
  refresh(id: number): Promise<ReadinessState>;
  /** A graceful stop. */
  stop(id: number): Promise<void>;
  /** The database's clock goes on. */
  pass(ms: number): Promise<void>;
  /** Somebody empties the registry. */
  truncate(): Promise<void>;
  /** Whether the next migration fails. */
  poison(on: boolean): Promise<void>;
  /** @param boot starts the replica that boots meanwhile, and lets it look once */
  up(request: UpRequest, boot: (() => Promise<void>) | null): Promise<RunOutcome>;
  down(request: DownRequest, boot: (() => Promise<void>) | null): Promise<RunOutcome>;
  /** Goes through all rows that were left to a worker. */
  work(): Promise<void>;
  close(): Promise<void>;
}
