import type { Session } from '../database/database.js';
import { isMigratorError } from '../errors.js';
import {
  NO_FLEET,
  type FleetProbe,
  type FleetView,
  type ProbeContext,
  type Sighting,
} from '../fleet/fleet.js';
import { goneFromHere } from '../fleet/gone.js';
import { thisMachine } from '../fleet/machine.js';
import { readRegistry, type Registry } from '../fleet/registry.js';
import type { MigratorEnvironment } from './environment.js';

/** What an operator says about the fleet. */
export interface FleetSaid {
  /** Nobody who matters runs an older build. @default false */
  readonly fleetConfirmed?: boolean;
  /** Older builds may break. @default false */
  readonly allowDowntime?: boolean;
}

/** How it is looked. */
export interface LookOptions {
  readonly signal: AbortSignal;
  /** Whether the session is in a transaction of the caller's, which must outlive a probe that fails. @default false */
  readonly inTransaction?: boolean;
}

const EMPTY: Registry = { intact: true, instances: [] };

/** Who runs at this moment: the registry, and whatever the probes sight beside it. Only reads; what cannot be looked at is said, and never an error. */
export async function lookAtFleet(
  { options, location }: MigratorEnvironment,
  session: Session,
  said: FleetSaid,
  looking: LookOptions,
): Promise<FleetView> {
  const { fleet } = options;
  const spoken = {
    confirmed: said.fleetConfirmed === true,
    allowDowntime: said.allowDowntime === true,
  };
  if (fleet.mode === 'off') return { ...NO_FLEET, ...spoken };
  const blind: string[] = [];
  const { intact, instances } = await readRegistry(session, location).catch((error: unknown) => {
    if (!isMigratorError(error) || error.code !== 'MISSING_PRIVILEGE') throw error;
    blind.push(`this login (${session.server.user}) may not read the registry of instances`);
    return EMPTY;
  });
  const sightings: Sighting[] = [];
  for (const probe of fleet.probes) {
    const sighted = await look(probe, session, looking);
    if (sighted === null) blind.push(`the probe ${probe.name} failed`);
    else sightings.push(...sighted);
  }
  return {
    ...spoken,
    ...{ mode: fleet.mode, forgetMs: fleet.forgetMs, lenient: options.lenient },
    ...{ intact, instances, sightings, blind },
    gone: goneFromHere(instances, thisMachine()),
  };
}

/** Milliseconds that a probe may look: behind an announcement replicas wait for it. */
const PROBE_MS = 10_000;

/** What the probe says, or the limit's reason: a probe may not know how to stop. */
function within<T>(limit: AbortSignal, looking: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    limit.addEventListener('abort', () => reject(limit.reason as Error), { once: true });
    looking.then(resolve, reject);
  });
}

/** @returns null when it failed; what it says then may hold anything, and is not repeated */
async function look(
  probe: FleetProbe,
  session: Session,
  { signal, inTransaction = false }: LookOptions,
): Promise<readonly Sighting[] | null> {
  const { dialect } = session.server;
  const name = 'mg_probe';
  const inside = dialect === 'postgresql' && inTransaction;
  if (inside) await session.query(`savepoint ${name}`);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
    const query: ProbeContext['query'] = (sql, params = []) => session.query(sql, params);
    const sighted = await within(limit, probe.look({ dialect, query, signal: limit }));
    if (inside) await session.query(`release savepoint ${name}`);
    return sighted;
  } catch {
    signal.throwIfAborted();
    session.lost.throwIfAborted();
    // A refused query ends the transaction that it stands in.
    if (inside) await session.query(`rollback to savepoint ${name}`);
    return null;
  }
}
