import type { FleetView } from '../fleet/fleet.js';
import type { MigratorError } from '../errors.js';
import type { Finding } from '../run-events.js';
import { consentOf, type Consent, type Objector } from './gate.js';
import { heldBack, refusedBreaking, refusedFleet } from './gate-refusals.js';
import type { MigrationAction } from './plan.js';
import { withoutFleet } from './remarks.js';

/** A contract that is not applied now, and why. */
export interface Deferred {
  readonly tag: string;
  /** Who has to go, or to learn of it, first; empty where it only stands behind another one. */
  readonly objectors: readonly Objector[];
  /** The deferred migration that it stands behind; null = it is the first. */
  readonly behind: string | null;
}

/** A plan's actions after the fleet was asked. */
export interface GatedActions {
  /** Those that may be carried out. */
  readonly actions: readonly MigrationAction[];
  readonly deferred: readonly Deferred[];
  readonly findings: readonly Finding[];
  readonly refusals: readonly MigratorError[];
}

/**
 * Asks the fleet about every contract and breaking migration, in order. The first contract that it objects to is deferred and holds back all behind it:
 * order is meaning. If something behind it is required, or a breaking migration is objected to, nothing may be executed at all. What was begun goes on:
 * it had its consent. Pure.
 */
export function gateActions(
  actions: readonly MigrationAction[],
  newDatabase: boolean,
  fleet: FleetView,
): GatedActions {
  const findings: Finding[] = [];
  for (const [index, action] of actions.entries()) {
    const consent = consentTo(action, newDatabase, fleet);
    if (consent === null) continue;
    if (consent.kind === 'given') {
      findings.push(...remarksOf(action, consent));
      continue;
    }
    const behind = actions.slice(index + 1);
    const refusal = refusalOf(action, consent, behind);
    return {
      actions: actions.slice(0, index),
      deferred: refusal === null ? deferredOf(action, consent, behind) : [],
      findings,
      refusals: refusal === null ? [] : [refusal],
    };
  }
  return { actions, deferred: [], findings, refusals: [] };
}

/** @returns null where nobody has to be asked */
export function consentTo(
  action: MigrationAction,
  newDatabase: boolean,
  fleet: FleetView,
): Consent | null {
  const { impact, resume } = action;
  if (resume !== null) return null;
  const asked = askedAbout(action);
  // Whatever it was in itself, builds that know it fail without it.
  if (asked.reverts) return consentOf({ ...asked, impact: 'breaking', newDatabase }, fleet);
  return impact === 'expand' ? null : consentOf({ ...asked, impact, newDatabase }, fleet);
}

/** Which migration an instance must know, or must not. */
export function askedAbout({ kind, migration }: MigrationAction): {
  readonly requires: string;
  readonly reverts: boolean;
} {
  const { tag } = migration.migration;
  return kind === 'revert'
    ? { requires: tag, reverts: true }
    : { requires: migration.requires ?? tag, reverts: false };
}

function remarksOf(
  { migration }: MigrationAction,
  { by }: Extract<Consent, { readonly kind: 'given' }>,
): readonly Finding[] {
  switch (by) {
    case 'fleet':
    case 'new-database':
      return [];
    case 'nobody-registered':
    case 'fleet-off':
    case 'fleet-confirmed':
    case 'allow-downtime':
      return [withoutFleet(migration, by)];
  }
}

function refusalOf(
  action: MigrationAction,
  consent: Exclude<Consent, { readonly kind: 'given' }>,
  behind: readonly MigrationAction[],
): MigratorError | null {
  if (consent.kind === 'unknown') return refusedFleet(action, consent.why);
  if (action.impact === 'breaking') return refusedBreaking(action, consent.by);
  const required = behind.filter(({ impact }) => impact !== 'contract');
  return required.length > 0 ? heldBack(action, consent.by, required) : null;
}

function deferredOf(
  action: MigrationAction,
  consent: Exclude<Consent, { readonly kind: 'given' }>,
  behind: readonly MigrationAction[],
): readonly Deferred[] {
  const objectors = consent.kind === 'objected' ? consent.by : [];
  return [
    { tag: action.id, objectors, behind: null },
    ...behind.map(({ id }) => ({ tag: id, objectors: [], behind: action.id })),
  ];
}

/** A deferral as people and `--json` see it. */
export function describeDeferred({ tag, objectors, behind }: Deferred): {
  readonly tag: string;
  readonly waitsFor: readonly string[];
} {
  const waitsFor =
    behind === null ? objectors.map(({ name, standing }) => `${name}: ${standing}`) : [behind];
  return { tag, waitsFor };
}
