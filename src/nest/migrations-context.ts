import {
  Logger,
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type LoggerService,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, NestFactory } from '@nestjs/core';
import { MigratorError } from '../errors.js';
import { asMigratorError } from '../report/unexpected.js';
import type { MigratorRegistration } from './migrator.providers.js';
import { MIGRATIONS_CONTEXT, MIGRATOR_REGISTRATION } from './migrator.tokens.js';

/** A module class, or a dynamic module, that imports one or more `MigratorModule`s: the user's MigrationsModule. */
export type MigrationsModule = Type<unknown> | DynamicModule | Promise<DynamicModule>;

/** The migrators of a migrations module, ready to be called and with nothing at work in the background. */
export interface MigrationsContext {
  /** In the order in which the module imports them. */
  readonly migrators: readonly MigratorRegistration[];
  /** Runs the shutdown hooks, which close the migrators. */
  close(): Promise<void>;
}

/** The root of a migrations context; global, so that every module below can see that it stands in one. */
@Module({})
class MigrationsContextModule {}

/**
 * Boots a migrations module and nothing else, without background work: for the release job, the controlled start-up and
 * `nest-migrate --module`. Never give it the application's module: Nest would run the hooks of every provider in it, and one that
 * reads a table of this release would fail before the table can be made.
 *
 * @param logger takes Nest's own messages, from here on for the whole process; it is handed raw errors and must not print them
 * @throws whatever a factory or hook of the module throws, and {@link MigratorError} `CONFIGURATION` without a `MigratorModule` in it
 */
export async function openMigrationsContext(
  migrations: MigrationsModule,
  logger: LoggerService,
): Promise<MigrationsContext> {
  const app = await NestFactory.createApplicationContext(
    {
      module: MigrationsContextModule,
      global: true,
      imports: [migrations, DiscoveryModule],
      providers: [{ provide: MIGRATIONS_CONTEXT, useValue: true }],
      exports: [MIGRATIONS_CONTEXT],
    },
    // Nest would end the process itself otherwise, with a code of its own.
    { logger, abortOnError: false },
  ).catch((error: unknown) => {
    throw notStarted(error);
  });
  const migrators = registrationsIn(app);
  if (migrators.length > 0) return { migrators, close: () => app.close() };
  await app.close();
  throw new MigratorError('CONFIGURATION', {
    message: 'The module that was given for migrations imports no MigratorModule.',
    state: 'Nothing was changed.',
    remedy: 'Import MigratorModule.forRoot(...) or forRootAsync(...) in it.',
  });
}

/** No migrator has been called yet, which whoever reads the error wants to know first. */
function notStarted(thrown: unknown): MigratorError {
  const error = asMigratorError(thrown);
  if (error.state !== undefined) return error;
  const { code, message, remedy, place, driver, details } = error;
  return new MigratorError(code, {
    message,
    state: 'Nothing was changed.',
    remedy,
    place,
    details,
    ...(driver !== undefined && { driver }),
    cause: thrown,
  });
}

function registrationsIn(app: INestApplicationContext): readonly MigratorRegistration[] {
  const wrappers = app.get(DiscoveryService, { strict: false }).getProviders();
  const found = wrappers
    .filter(({ token }) => token === MIGRATOR_REGISTRATION)
    .map(({ instance }) => instance as MigratorRegistration);
  // One migrator may stand in two registrations where a test overrides tokens.
  return found.filter(
    (one, index) => found.findIndex(({ migrator }) => migrator === one.migrator) === index,
  );
}

/**
 * `createApplicationContext({ logger })` replaces the logger of the whole process. This puts it back, for a process in which an
 * application is created next, which logs as its own settings say. A job keeps it: of a context that failed, providers are still
 * being made, and what Nest says about them must not reach stdout.
 */
export async function keepingNestLogger<T>(body: () => Promise<T>): Promise<T> {
  const statics = Logger as unknown as { readonly staticInstanceRef?: LoggerService };
  const previous = statics.staticInstanceRef;
  try {
    return await body();
  } finally {
    if (previous !== undefined) Logger.overrideLogger(previous);
  }
}
