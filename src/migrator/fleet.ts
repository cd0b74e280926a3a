import type { FleetView } from '../fleet/fleet.js';
import type { Instance } from '../fleet/instance.js';
import type { FleetInstance, FleetResult } from './fleet-contract.js';
import { signalOr, withLookingSession, type MigratorEnvironment } from './environment.js';
import { lookAtFleet } from './look-at-fleet.js';

/** Who runs, as registry and probes have it. */
export async function fleet(
  environment: MigratorEnvironment,
  options: { readonly signal?: AbortSignal } = {},
): Promise<FleetResult> {
  const view = await withLookingSession(environment, options.signal, (session) =>
    lookAtFleet(environment, session, {}, { signal: signalOr(options.signal) }),
  );
  return {
    mode: view.mode,
    instances: view.instances.map((instance) => describe(instance, view)),
    sightings: view.sightings.map(({ name }) => name),
    blind: view.blind,
  };
}

function describe(
  instance: Instance,
  { forgetMs, gone: here }: Pick<FleetView, 'forgetMs' | 'gone'>,
): FleetInstance {
  const { id, service, host, pid, build, knows, stopped, leaseLeftMs, ageMs } = instance;
  const gone = stopped || here.has(id) || leaseLeftMs <= -forgetMs;
  return {
    ...{ id, service, host, pid, build, leaseLeftMs, ageMs },
    head: knows?.at(-1) ?? null,
    knows: knows?.length ?? 0,
    state: gone ? 'gone' : leaseLeftMs > 0 ? 'live' : 'silent',
    readiness: instance.state,
  };
}
