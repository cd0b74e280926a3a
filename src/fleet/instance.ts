/** Milliseconds between two signs of life of a replica that is ready, at most (DESIGN 7). */
export const RENEW_EVERY_MS = 10_000;

/** Milliseconds that a sign of life counts, by the database's clock (DESIGN 7). */
export const LEASE_MS = 35_000;

/** Which versions of payload formats and which keys a build can read: extension points, empty until formats and keys exist. */
export interface Capabilities {
  readonly formats?: Readonly<Record<string, unknown>>;
  readonly keys?: Readonly<Record<string, unknown>>;
}

/** What a process says of itself when it registers. */
export interface InstanceFacts {
  readonly service: string;
  /** Release or image tag; null = not configured. */
  readonly build: string | null;
  readonly host: string;
  /** Which kernel and which of its process tables {@link pid} counts in; null = not known, so that nobody else can ask after the process. */
  readonly machine: string | null;
  readonly pid: number;
  /** The tags of its journal. */
  readonly knows: readonly string[];
  /** SHA-256 over tags and checksums of its journal. */
  readonly journal: string;
  /** Names of the operations that are registered in it. */
  readonly operations: readonly string[];
  readonly capabilities: Capabilities;
}

/** One row of `migration_instances`. Ages are by the database's clock: no clock of a replica counts. */
export interface Instance extends Pick<
  InstanceFacts,
  'service' | 'build' | 'host' | 'machine' | 'pid'
> {
  readonly id: string;
  /** The tags of its journal; null = its row cannot be read. */
  readonly knows: readonly string[] | null;
  /** Its own answer to readiness, as of its last sign of life. */
  readonly state: string;
  /** It said goodbye. */
  readonly stopped: boolean;
  /** Milliseconds until its lease ends; negative: since it ended. */
  readonly leaseLeftMs: number;
  /** Milliseconds since it registered. */
  readonly ageMs: number;
}

/** How an instance is named to people: `api@pod-7f9c (build 1.4.1)`. */
export function nameOfInstance({
  host,
  service,
  build,
}: Pick<Instance, 'host' | 'service' | 'build'>): string {
  return `${service}@${host} (build ${build ?? 'not named'})`;
}
