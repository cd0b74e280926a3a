import { MigratorError } from '../errors.js';
import type { Objector } from './gate.js';
import type { MigrationAction } from './plan.js';

const UNTOUCHED = 'Nothing was changed.';

/** How many instances a message names; the details have them all. */
const NAMED = 5;

/** A migration that older builds cannot live with, while some run. */
export function refusedBreaking(
  { id: tag, migration }: MigrationAction,
  objectors: readonly Objector[],
): MigratorError {
  const requires = migration.requires ?? tag;
  return new MigratorError('REFUSED_BREAKING', {
    message: `${tag} is a breaking migration: builds that do not know ${requires} fail as soon as it is applied, and ${count(objectors)}: ${named(objectors)}.`,
    place: { migration: tag, file: migration.migration.file },
    state: UNTOUCHED,
    remedy: `Split it into an expand and a contract migration (nest-migrate split ${tag}), or use an operation. If downtime is acceptable, stop the old instances and run again, or: nest-migrate up --allow-downtime`,
    details: { requires, instances: objectors.map(({ name, standing }) => `${name}: ${standing}`) },
  });
}

/** A contract waits, and what stands behind it is required. */
export function heldBack(
  { id: tag, migration }: MigrationAction,
  objectors: readonly Objector[],
  required: readonly MigrationAction[],
): MigratorError {
  const requires = migration.requires ?? tag;
  const first = required[0]?.id ?? tag;
  return new MigratorError('REFUSED_HELD_BACK', {
    message: `This build requires ${first}${required.length > 1 ? ` and ${required.length - 1} more behind it` : ''}. In front stands the contract ${tag}, which has to wait for builds without ${requires}, and ${count(objectors)}: ${named(objectors)}. Replicas of this build would wait in vain.`,
    place: { migration: tag, file: migration.migration.file },
    state: UNTOUCHED,
    remedy: `Deploy the releases in between one after the other, so that every instance knows ${requires}; or stop the old instances and run again. If nobody needs what ${tag} takes away: nest-migrate up --fleet-confirmed. In a release of its own, a contract belongs behind everything that is required.`,
    details: {
      requires,
      heldBack: required.map(({ id }) => id),
      instances: objectors.map(({ name, standing }) => `${name}: ${standing}`),
    },
  });
}

/** Who runs is not known. */
export function refusedFleet(
  { id: tag, impact, migration }: MigrationAction,
  why: readonly string[],
): MigratorError {
  return new MigratorError('REFUSED_FLEET', {
    message: `${tag} is a ${impact} migration, and it is not known which builds run: ${why.join('; ')}.`,
    place: { migration: tag, file: migration.migration.file },
    state: UNTOUCHED,
    remedy: `Look at nest-migrate fleet. Instances that run register by themselves within ten seconds; wait for that (nest-migrate up --wait-fleet 2m), or, if you are certain that none without ${migration.requires ?? tag} runs: nest-migrate up --fleet-confirmed`,
    details: { why },
  });
}

/** It was announced, and an instance that fails by it had registered meanwhile. */
export function fleetObjected({ id: tag, kind }: MigrationAction): MigratorError {
  const objector = kind === 'revert' ? 'knows it' : 'does not know it';
  return new MigratorError('FLEET_OBJECTED', {
    message: `${tag} was about to ${kind === 'revert' ? 'be reverted' : 'begin'} when an instance registered that ${objector}.`,
    place: { migration: tag },
    state: 'The announcement was taken back. Nothing was changed.',
    remedy: 'Run the command again: it says who is waited for.',
  });
}

/** `--wait-fleet` is over. */
export function fleetTimeout(
  tag: string,
  waitsFor: readonly string[],
  waitedMs: number,
  state: string,
): MigratorError {
  return new MigratorError('FLEET_TIMEOUT', {
    message: `Waited ${Math.round(waitedMs / 1000)} s for the fleet, and ${tag} still waits for ${waitsFor.join(', ') || 'the fleet'}.`,
    place: { migration: tag },
    state,
    remedy:
      'nest-migrate fleet shows who runs. Finish the rollout, then run the command again: what waits is not lost.',
    details: { waitsFor },
  });
}

/** How many, as a clause. */
export function count(objectors: readonly Objector[]): string {
  return objectors.length === 1 ? 'one runs' : `${objectors.length} run`;
}

/** Some of them by name. */
export function named(objectors: readonly Objector[]): string {
  const listed = objectors.slice(0, NAMED).map(({ name, standing }) => `${name}, ${standing}`);
  const more = objectors.length - listed.length;
  return listed.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
