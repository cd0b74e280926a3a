import { MigratorError } from '../errors.js';
import type { FleetView } from '../fleet/fleet.js';
import type { Operation } from '../operations/operation.js';
import { consentOf, type Objector } from './gate.js';
import { count, named } from './gate-refusals.js';

/**
 * Why an operation may not be taken back now: builds that know the migration which began it may use the new form alone. Only a rename has one
 * that the application knows by name; what undo takes from the others no build can miss. Pure.
 *
 * @param beganBy tag of the applied migration that called the operation first; null = none of this journal did
 * @returns null where nobody objects
 */
export function objectionToUndo(
  { name, kind }: Pick<Operation, 'name' | 'kind'>,
  beganBy: string | null,
  fleet: FleetView,
): MigratorError | null {
  if (kind !== 'rename-column' || beganBy === null) return null;
  const asked = {
    impact: 'breaking',
    requires: beganBy,
    reverts: true,
    newDatabase: false,
  } as const;
  const consent = consentOf(asked, fleet);
  switch (consent.kind) {
    case 'given':
      return null;
    case 'objected':
      return inUse(name, beganBy, consent.by);
    case 'unknown':
      return unknownWhoUses(name, beganBy, consent.why);
  }
}

function inUse(name: string, tag: string, objectors: readonly Objector[]): MigratorError {
  return new MigratorError('REFUSED_IN_USE', {
    message: `Builds that know ${tag} may use the new column alone and fail as soon as operation ${name} is undone, and ${count(objectors)}: ${named(objectors)}.`,
    place: { migration: tag, operation: name },
    state: 'Nothing was changed.',
    remedy: `Roll the application back first, to a build without ${tag} (nest-migrate can-run tells whether it may start), then run this again. If downtime is acceptable: nest-migrate operation undo ${name} --allow-downtime`,
    details: { instances: objectors.map((one) => `${one.name}: ${one.standing}`) },
  });
}

function unknownWhoUses(name: string, tag: string, why: readonly string[]): MigratorError {
  return new MigratorError('REFUSED_FLEET', {
    message: `Builds that know ${tag} may use the new column alone and fail as soon as operation ${name} is undone, and it is not known which builds run: ${why.join('; ')}.`,
    place: { migration: tag, operation: name },
    state: 'Nothing was changed.',
    remedy: `Look at nest-migrate fleet. If you are certain that no build with ${tag} runs: nest-migrate operation undo ${name} --fleet-confirmed`,
    details: { why },
  });
}
