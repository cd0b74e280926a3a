import { MigratorError } from '../errors.js';
import type { FleetView } from '../fleet/fleet.js';
import { consentOf, type Consent, type Gated } from './gate.js';
import { count, named } from './gate-refusals.js';

/** No migration is called so: a tag holds no space. */
const UNKNOWN_TAG = 'no migration';

/**
 * Which builds object to the undo of a rename: those that know the migration which began it may use the new column alone. Where this folder has no such
 * migration, every build may be one of them.
 */
export function askedAboutUndo(beganBy: string | null): Omit<Gated, 'newDatabase'> {
  return beganBy === null
    ? { impact: 'breaking', requires: UNKNOWN_TAG, reverts: false }
    : { impact: 'breaking', requires: beganBy, reverts: true };
}

/** What the fleet says to the undo of a rename. Pure. @param beganBy tag of the applied migration that called it first; null = none of this folder did */
export function askUndo(beganBy: string | null, fleet: FleetView): Consent {
  return consentOf({ ...askedAboutUndo(beganBy), newDatabase: false }, fleet);
}

/** Builds run that may need the new column, or nobody can tell. */
export function refusedUndo(
  name: string,
  beganBy: string | null,
  consent: Exclude<Consent, { readonly kind: 'given' }>,
): MigratorError {
  const undo = `nest-migrate operation undo ${name}`;
  const builds =
    beganBy === null
      ? `No migration of this folder calls operation ${name}, so that it cannot be told which builds use its new column; they fail as soon as it is undone`
      : `Builds that know ${beganBy} may use the new column alone and fail as soon as operation ${name} is undone`;
  const place = { operation: name, ...(beganBy !== null && { migration: beganBy }) };
  const state = 'Nothing was changed.';
  if (consent.kind === 'unknown') {
    return new MigratorError('REFUSED_FLEET', {
      message: `${builds}, and it is not known which builds run: ${consent.why.join('; ')}.`,
      place,
      state,
      remedy: `Look at nest-migrate fleet. If you are certain that no build which uses it runs: ${undo} --fleet-confirmed`,
      details: { why: consent.why },
    });
  }
  const first =
    beganBy === null
      ? 'Run this with the folder of the newest build that was deployed: it tells who needs the column'
      : `Roll the application back first, to a build without ${beganBy} (nest-migrate can-run tells whether it may start), then run this again from the build that has it`;
  return new MigratorError('REFUSED_IN_USE', {
    message: `${builds}, and ${count(consent.by)}: ${named(consent.by)}.`,
    place,
    state,
    remedy: `${first}. If downtime is acceptable: ${undo} --allow-downtime`,
    details: { instances: consent.by.map((one) => `${one.name}: ${one.standing}`) },
  });
}
