import { Logger } from '@nestjs/common';
import { MigratorError } from '../errors.js';
import { withStopSignals } from '../process/stop-signals.js';
import { asMigratorError } from '../report/unexpected.js';
import { withModuleCommands } from './advised-commands.js';
import {
  keepingNestLogger,
  openMigrationsContext,
  type MigrationsModule,
} from './migrations-context.js';
import type { MigratorRegistration } from './migrator.providers.js';
import { createNestRunLog } from './nest-run-log.js';
import { RedactingLogger } from './redacting-logger.js';
import { runMigrators, type MigratedDatabase } from './run-migrators.js';

/** Milliseconds a start-up waits for another runner: shorter than the release job, because a server is not answering meanwhile. */
const START_UP_WAIT_MS = 300_000;

/** Options of {@link migrateBeforeStart}. */
export interface StartUpOptions {
  /** Milliseconds to wait for the lock. @default `lock.waitMs` of the options, else 300000 */
  readonly waitMs?: number;
  /** Stops it, beside SIGTERM and SIGINT. Its reason should be a `MigratorError`. */
  readonly signal?: AbortSignal;
  /** As for `runReleaseJob`: the compiled file of the migrations module, for the commands that errors advise. */
  readonly moduleFile?: string | URL;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Controlled start-up for small installations: in `main.ts`, before `NestFactory.create(AppModule)`. The same as the release job,
 * under the same lock, but it throws instead of setting an exit code. However many replicas start at once, one migrates.
 *
 * Refused with `NODE_ENV=production` unless every migrator has `allowStartupInProduction`: a rollout of many replicas should not
 * depend on the one that happens to be first, nor hold the rights to change the schema.
 *
 * @throws {MigratorError} `REFUSED_PRODUCTION`, and whatever `up` throws
 * @example
 * ```ts
 * await migrateBeforeStart(MigrationsModule);
 * const app = await NestFactory.create(AppModule);
 * ```
 */
export async function migrateBeforeStart(
  migrations: MigrationsModule,
  options: StartUpOptions = {},
): Promise<readonly MigratedDatabase[]> {
  try {
    return await withStopSignals((stop) =>
      startUp(
        migrations,
        options,
        options.signal === undefined ? stop : AbortSignal.any([stop, options.signal]),
      ),
    );
  } catch (error) {
    throw asMigratorError(error);
  }
}

async function startUp(
  migrations: MigrationsModule,
  options: StartUpOptions,
  signal: AbortSignal,
): Promise<readonly MigratedDatabase[]> {
  const logger = new Logger('Migrator');
  // Built-in messages of the context are of no interest here, and its raw errors are thrown redacted by the caller.
  const silent = new RedactingLogger(() => undefined);
  const context = await keepingNestLogger(() => openMigrationsContext(migrations, silent));
  const done: MigratedDatabase[] = [];
  try {
    assertAllowed(context.migrators, options.env ?? process.env);
    const waits = new Map(context.migrators.map((one) => [one.migrator, one.lockWaitMs]));
    await runMigrators(
      context.migrators.map(({ migrator }) => migrator),
      (migrator) => ({
        signal,
        waitMs: options.waitMs ?? waits.get(migrator) ?? START_UP_WAIT_MS,
      }),
      createNestRunLog(logger),
      (one) => done.push(one),
      (error, { name }) =>
        withModuleCommands(error, {
          module: migrations,
          moduleFile: options.moduleFile,
          name: context.migrators.length > 1 ? name : null,
        }),
    );
  } finally {
    await context.close().catch((error: unknown) => {
      logger.warn(`while closing: ${asMigratorError(error).message}`);
    });
  }
  return done;
}

/** @throws {MigratorError} `REFUSED_PRODUCTION` */
function assertAllowed(
  migrators: readonly MigratorRegistration[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  const refusing = migrators.filter((one) => !one.allowStartupInProduction);
  if (env['NODE_ENV'] !== 'production' || refusing.length === 0) return;
  throw new MigratorError('REFUSED_PRODUCTION', {
    message: `migrateBeforeStart is refused with NODE_ENV=production (${refusing.map(({ migrator }) => migrator.name).join(', ')}): replicas should not migrate.`,
    state: 'Nothing was changed.',
    remedy:
      'node dist/main.js --release-job, once, before the replicas start; or set allowStartupInProduction: true in the options.',
  });
}
