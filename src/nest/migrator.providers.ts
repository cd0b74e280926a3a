import type { InjectionToken, Provider } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { createMigrator } from '../create-migrator.js';
import { MigratorError } from '../errors.js';
import type { Migrator } from '../migrator.js';
import type { MigratorOptions } from '../options.js';
import { asMigratorError } from '../report/unexpected.js';
import { discoverCodeMigrations } from './code-migrations.js';
import { loadHealthIndicators } from './health-indicators.js';
import { getMigrationHealthToken, MigrationHealthIndicator } from './migration.health.js';
import { MigratorLifecycle } from './migrator.lifecycle.js';
import {
  DEFAULT_MIGRATOR,
  getMigratorToken,
  HEALTH_INDICATORS,
  MIGRATOR,
  MIGRATOR_OPTIONS,
  MIGRATOR_REGISTRATION,
} from './migrator.tokens.js';

/** One migrator of an application, as the release job and the controlled start-up see it. */
export interface MigratorRegistration {
  readonly migrator: Migrator;
  readonly allowStartupInProduction: boolean;
  /** `lock.waitMs` as configured. */
  readonly lockWaitMs: number | undefined;
}

/** Modules that the providers need. */
export const migratorImports = [DiscoveryModule];

/** What the module exports. The indicator's class itself stands for the migrator without a name only: a class can be one token. */
export function migratorTokens(name: string): InjectionToken[] {
  return [getMigratorToken(name), getMigrationHealthToken(name)];
}

/**
 * The providers of one migrator. Everything inside refers to `MIGRATOR`, which is whatever stands under the public token:
 * a test that overrides the token overrides it for all.
 */
export function migratorProviders(name: string): Provider[] {
  return [
    {
      provide: getMigratorToken(name),
      inject: [MIGRATOR_OPTIONS, DiscoveryService],
      useFactory: (options: MigratorOptions, discovery: DiscoveryService) =>
        buildMigrator(name, options, discovery),
    },
    { provide: MIGRATOR, useExisting: getMigratorToken(name) },
    {
      provide: MIGRATOR_REGISTRATION,
      inject: [MIGRATOR, MIGRATOR_OPTIONS],
      useFactory: (migrator: Migrator, options: MigratorOptions): MigratorRegistration => ({
        migrator,
        allowStartupInProduction: options.allowStartupInProduction === true,
        lockWaitMs: options.lock?.waitMs,
      }),
    },
    { provide: HEALTH_INDICATORS, useFactory: loadHealthIndicators },
    MigratorLifecycle,
    MigrationHealthIndicator,
    ...(name === DEFAULT_MIGRATOR
      ? []
      : [{ provide: getMigrationHealthToken(name), useExisting: MigrationHealthIndicator }]),
  ];
}

/**
 * Only builds: Nest prints whatever a provider factory throws, raw, so nothing connects here and every error leaves as one of ours.
 * @throws {MigratorError} `CONFIGURATION`
 */
function buildMigrator(
  name: string,
  options: MigratorOptions,
  discovery: DiscoveryService,
): Migrator {
  try {
    assertUsable(name, options);
    return createMigrator({
      ...options,
      name,
      codeMigrations: [
        ...(options.codeMigrations ?? []),
        ...discoverCodeMigrations(discovery, name),
      ],
    });
  } catch (error) {
    throw asMigratorError(error);
  }
}

/** @throws {MigratorError} `CONFIGURATION` */
function assertUsable(name: string, options: MigratorOptions | null | undefined): void {
  if (options === null || options === undefined) {
    throw new MigratorError('CONFIGURATION', {
      message: `The options of the migrator ${name} are ${options}: its factory returned nothing.`,
      remedy: 'Return MigratorOptions from the useFactory of MigratorModule.forRootAsync.',
    });
  }
  if (options.name === undefined || options.name === name) return;
  throw new MigratorError('CONFIGURATION', {
    message: `The factory of MigratorModule.forRootAsync names the migrator ${options.name}, but the module knows it as ${name}: injection tokens are made before the factory runs.`,
    remedy: `Write the name beside the factory: forRootAsync({ name: '${options.name}', useFactory: ... }).`,
  });
}
