import type { FleetView } from '../fleet/fleet.js';
import { LEASE_MS, nameOfInstance, type Instance } from '../fleet/instance.js';
import type { Impact } from '../statements/statement.js';

/** Why an instance, or whatever runs, does not consent. */
export interface Objector {
  /** As people know it: service, host and build. */
  readonly name: string;
  /** What is known of its standing: `lease 11 s left`, `silent for 2 min`. */
  readonly standing: string;
  /** Whether it has shown a sign of life within its lease. */
  readonly live: boolean;
}

/** By what right a migration that older builds could miss goes on. */
export type ConsentBy =
  /** Every instance knows it. */
  | 'fleet'
  | 'new-database'
  /** No instance ever registered. */
  | 'nobody-registered'
  | 'fleet-off'
  | 'fleet-confirmed'
  | 'allow-downtime';

/** What the fleet says to one migration. */
export type Consent =
  | { readonly kind: 'given'; readonly by: ConsentBy }
  /** These have to go, or to learn of it, first. */
  | { readonly kind: 'objected'; readonly by: readonly Objector[] }
  /** Nobody knows who runs. */
  | { readonly kind: 'unknown'; readonly why: readonly string[] };

/** What a gate is asked about. */
export interface Gated {
  readonly impact: Exclude<Impact, 'expand'>;
  /** The tag that every running build must know. */
  readonly requires: string;
  /** Whether the database held no table before this run. */
  readonly newDatabase: boolean;
  /** The way back: those object who know it, for they need it. @default false */
  readonly reverts?: boolean;
}

/**
 * May this migration run, as far as those who run are concerned? Pure; the first row that matches decides.
 *
 * | situation | answer |
 * | --- | --- |
 * | new database | given |
 * | mode `off` | given, with a remark |
 * | breaking and `--allow-downtime` | given, on record |
 * | contract and `--fleet-confirmed` | given, on record |
 * | breaking and `--fleet-confirmed`, and no instance with a running lease objects | given, on record |
 * | breaking and `--fleet-confirmed`, and one does | objected |
 * | a probe or the registry could not be read | unknown |
 * | the registry was emptied, and is empty or younger than a lease | unknown: not all may be back. Of no account in development and tests |
 * | no row, mode `required` | unknown |
 * | no row, mode `auto`, and nothing was sighted | given: nobody ever registered |
 * | someone does not know what is required (on the way back: knows what is reverted), or was sighted unregistered | objected |
 * | else | given by the fleet |
 */
export function consentOf(gated: Gated, fleet: FleetView): Consent {
  const { impact, newDatabase } = gated;
  if (newDatabase) return { kind: 'given', by: 'new-database' };
  if (fleet.mode === 'off') return { kind: 'given', by: 'fleet-off' };
  const objectors = objectorsTo(gated, fleet);
  if (impact === 'breaking' && fleet.allowDowntime) return { kind: 'given', by: 'allow-downtime' };
  if (impact === 'contract' && fleet.confirmed) return { kind: 'given', by: 'fleet-confirmed' };
  // An operator's word holds against what nobody can see, and not against who is there.
  if (fleet.confirmed)
    return objectors.some(({ live }) => live)
      ? { kind: 'objected', by: objectors }
      : { kind: 'given', by: 'fleet-confirmed' };
  if (fleet.blind.length > 0) return { kind: 'unknown', why: fleet.blind };
  const lost = lossOf(fleet);
  if (lost !== null) return { kind: 'unknown', why: [lost] };
  if (fleet.instances.length === 0 && fleet.mode === 'required')
    return { kind: 'unknown', why: [EMPTY] };
  if (objectors.length > 0) return { kind: 'objected', by: objectors };
  return { kind: 'given', by: fleet.instances.length === 0 ? 'nobody-registered' : 'fleet' };
}

/** What there is to say of a registry that was emptied; null = every instance must be in it. */
function lossOf({ intact, lenient, mode, instances }: FleetView): string | null {
  if (intact || (lenient && mode === 'auto')) return null;
  if (instances.length === 0) return LOST;
  const oldestMs = Math.max(...instances.map(({ ageMs }) => ageMs));
  return oldestMs < LEASE_MS ? young(oldestMs) : null;
}

const LOST =
  'the registry of instances is empty, and not as it was made: it was restored, truncated or dropped';
const EMPTY = "fleet.mode is 'required', and no instance has ever registered in this database";

function young(ageMs: number): string {
  return `the registry was lost and is being written anew: its oldest row is ${seconds(ageMs)} old, and it takes ${seconds(LEASE_MS)} until every instance must be back in it`;
}

/** What is kept of a decision: how many ran, and whose objection was set aside. */
export function snapshotOf(
  fleet: FleetView,
  { requires, reverts = false }: Pick<Gated, 'requires' | 'reverts'>,
): { readonly requires: string; readonly instances: number; readonly setAside: readonly string[] } {
  const live = fleet.instances.filter(({ leaseLeftMs, stopped }) => !stopped && leaseLeftMs > 0);
  const setAside = objectorsTo({ requires, reverts }, fleet).map(
    ({ name, standing }) => `${name}: ${standing}`,
  );
  return { requires, instances: live.length, setAside: setAside.slice(0, 50) };
}

/** Those who do not know what is required, or who know what is reverted, and whatever was sighted beside them. */
function objectorsTo(
  { requires, reverts = false }: Pick<Gated, 'requires' | 'reverts'>,
  fleet: FleetView,
): readonly Objector[] {
  return [
    ...fleet.instances
      .filter((instance) => objects(instance, requires, reverts) && counts(instance, fleet))
      .map((instance) => ({
        name: nameOfInstance(instance),
        standing: standingOf(instance, fleet),
        live: instance.leaseLeftMs > 0,
      })),
    ...fleet.sightings.map(({ name }) => ({ name, standing: 'not registered', live: true })),
  ];
}

/** An instance whose row cannot be read has to be asked, whatever it is about. */
function objects({ knows }: Instance, requires: string, reverts: boolean): boolean {
  return knows === null || knows.includes(requires) === reverts;
}

/** A silent instance may be paused and wake up; after `forgetMs` nobody waits for it any more. */
function counts(instance: Instance, { forgetMs, gone }: FleetView): boolean {
  if (instance.stopped || gone.has(instance.id)) return false;
  return instance.leaseLeftMs > -forgetMs;
}

function standingOf({ leaseLeftMs }: Instance, { forgetMs }: FleetView): string {
  if (leaseLeftMs > 0) return `lease ${seconds(leaseLeftMs)} left`;
  return `silent, forgotten in ${seconds(forgetMs + leaseLeftMs)}`;
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
