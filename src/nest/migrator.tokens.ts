import { Inject } from '@nestjs/common';

/** Name of the migrator that has no name. */
export const DEFAULT_MIGRATOR = 'default';

/**
 * The injection token of a migrator, for `inject:` lists and for `overrideProvider` in tests.
 * @param name as given to `MigratorModule.forRoot({ name })`. @default 'default'
 */
export function getMigratorToken(name: string = DEFAULT_MIGRATOR): symbol {
  // From the registry of symbols, so that equal names are equal tokens without a list of our own.
  return Symbol.for(`nestjs-drizzle-migrator:migrator:${name}`);
}

/**
 * Injects a migrator: `constructor(@InjectMigrator() private readonly migrator: Migrator) {}` (import `Migrator` as a type).
 * @param name as given to `MigratorModule.forRoot({ name })`. @default 'default'
 */
export function InjectMigrator(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getMigratorToken(name));
}

/** The options of the module that a provider of ours stands in. */
export const MIGRATOR_OPTIONS = Symbol('nestjs-drizzle-migrator:options');

/** The migrator of the module that a provider of ours stands in, whatever its name is. */
export const MIGRATOR = Symbol('nestjs-drizzle-migrator:own-migrator');

/** What a migrations context knows of each migrator in it. */
export const MIGRATOR_REGISTRATION = Symbol('nestjs-drizzle-migrator:registration');

/** Present in a migrations context (release job, controlled start-up): nothing may work in the background there. */
export const MIGRATIONS_CONTEXT = Symbol('nestjs-drizzle-migrator:migrations-context');

/** Terminus' `HealthIndicatorService`, or what stands in for it where Terminus is not installed. */
export const HEALTH_INDICATORS = Symbol('nestjs-drizzle-migrator:health-indicators');
