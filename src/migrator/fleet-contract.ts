import type { FleetMode } from '../fleet/fleet.js';
import type { ReadinessState, Reason } from '../readiness/readiness.js';

/** A contract that waits. */
export interface DeferredMigration {
  readonly tag: string;
  /** Instances that do not know it, each with its standing; or the deferred migration that it stands behind. */
  readonly waitsFor: readonly string[];
}

/** One registered instance. Ages are by the database's clock. */
export interface FleetInstance {
  readonly id: string;
  readonly service: string;
  readonly host: string;
  readonly pid: number;
  /** null = it did not say. */
  readonly build: string | null;
  /** The last migration of its journal; null = it ships none. */
  readonly head: string | null;
  /** How many migrations it knows. */
  readonly knows: number;
  /** `live`: within its lease. `silent`: it shows no sign of life and is still waited for. `gone`: stopped, or silent for so long that nobody waits for it. */
  readonly state: 'live' | 'silent' | 'gone';
  /** Its own answer to readiness as of its last sign of life; `stopped` after a goodbye. */
  readonly readiness: string;
  /** Milliseconds; negative: since its lease ended. */
  readonly leaseLeftMs: number;
  /** Milliseconds since it registered. */
  readonly ageMs: number;
}

/** What `Migrator.fleet` found. */
export interface FleetResult {
  readonly mode: FleetMode;
  readonly instances: readonly FleetInstance[];
  /** What probes saw beside them. */
  readonly sightings: readonly string[];
  /** What could not be looked at, and why. */
  readonly blind: readonly string[];
}

/** What `Migrator.canRun` found. */
export interface CanRunResult {
  readonly canRun: boolean;
  /** What the first replica would answer. */
  readonly state: ReadinessState;
  /** The one that decided first. */
  readonly reasons: readonly Reason[];
  readonly build: {
    readonly service: string | null;
    readonly build: string | null;
    /** Its last migration; null = it has none. */
    readonly head: string | null;
    readonly migrations: number;
  };
}
