import type { Instance } from './instance.js';

/** A trace of something that runs and never registered: an old build, another service, a cron job. */
export interface Sighting {
  /** How people know it: `session 4121 of legacy-api, role shop_app`. No secrets. */
  readonly name: string;
}

/** What a probe may use: a session of the runner, for looking. */
export interface ProbeContext {
  readonly dialect: 'postgresql' | 'mysql';
  /** Placeholders are `$1` (Postgres) or `?` (MySQL). */
  readonly query: <Row extends object>(sql: string, params?: readonly unknown[]) => Promise<Row[]>;
  readonly signal: AbortSignal;
}

/**
 * Looks for what runs without being registered. Whatever it sights counts as a build that knows nothing; what it throws is a refusal, because who cannot
 * look does not know.
 */
export interface FleetProbe {
  /** Named in refusals. */
  readonly name: string;
  look(context: ProbeContext): Promise<readonly Sighting[]>;
}

/** How the fleet is asked. */
export type FleetMode = 'auto' | 'required' | 'off';

/** What a gate decides by: the registry and the probes at one moment, and what the operator has said. Pure data. */
export interface FleetView {
  readonly mode: FleetMode;
  /** Whether the registry is as a runner established it; false = somebody has emptied or dropped it since. */
  readonly intact: boolean;
  readonly instances: readonly Instance[];
  readonly sightings: readonly Sighting[];
  /** Why part of the fleet could not be looked at; each a sentence. */
  readonly blind: readonly string[];
  /** Milliseconds that an instance which fell silent is waited for after its lease is over. */
  readonly forgetMs: number;
  /** `--fleet-confirmed`: nobody who matters runs an older build. */
  readonly confirmed: boolean;
  /** `--allow-downtime`: older builds may break. */
  readonly allowDowntime: boolean;
  /** `NODE_ENV` is `development` or `test`, where a registry that was emptied is nothing unusual. */
  readonly lenient: boolean;
  /** Instances that are known to be gone although they did not say goodbye, by id: processes of this very machine. */
  readonly gone: ReadonlySet<string>;
}

/** Nobody is asked. */
export const NO_FLEET: FleetView = {
  mode: 'off',
  intact: true,
  instances: [],
  sightings: [],
  blind: [],
  forgetMs: 0,
  confirmed: false,
  allowDowntime: false,
  lenient: false,
  gone: new Set(),
};
