import { MigratorError } from '../errors.js';
import type { Migrator } from '../migrator.js';
import { endDespiteLeftovers } from '../process/leftovers.js';
import { withStopSignals } from '../process/stop-signals.js';
import { withStrayErrors } from '../process/stray-errors.js';
import { errorDocument, resultDocument } from '../report/document.js';
import { renderErrorBlock } from '../report/error-block.js';
import { createRunLog } from '../report/run-log.js';
import { asMigratorError } from '../report/unexpected.js';
import { renderUpResult } from '../report/up-report.js';
import { withModuleCommands } from './advised-commands.js';
import {
  openMigrationsContext,
  type MigrationsContext,
  type MigrationsModule,
} from './migrations-context.js';
import type { MigratorRegistration } from './migrator.providers.js';
import { RedactingLogger } from './redacting-logger.js';
import { parseReleaseJobArguments, type ReleaseJobArguments } from './release-job-arguments.js';
import { runMigrators, type MigratedDatabase } from './run-migrators.js';

/** Options of {@link runReleaseJob}. */
export interface ReleaseJobOptions {
  /** @default process.argv */
  readonly argv?: readonly string[];
  /**
   * The compiled file of the migrations module, for the commands that errors advise: `import.meta.resolve('./database/migrations.module.js')`.
   * @default `migrations.module.js` or `migrations/migrations.module.js` beside the started file, where it holds the module that was given
   */
  readonly moduleFile?: string | URL;
}

/**
 * Migrates and lets the process end: `if (isReleaseJob()) await runReleaseJob(MigrationsModule); else await serve();`
 *
 * Boots the migrations module alone, runs `up` of each migrator in it under the lock, prints the result on stdout and everything else
 * on stderr, and sets `process.exitCode` as the command line does (docs/nestjs.md). SIGTERM and SIGINT stop it between statements,
 * with 143 and 130. Takes `--to`, `--wait`, `--without-coordinator`, `--json`, `--verbose` and, of several databases, `--database`.
 *
 * Never rejects: what goes wrong is printed, and is the exit code. Do not call `enableShutdownHooks()` in a release job.
 */
export async function runReleaseJob(
  migrations: MigrationsModule,
  options: ReleaseJobOptions = {},
): Promise<void> {
  const argv = options.argv ?? process.argv;
  try {
    process.exitCode = await withStopSignals((stop) =>
      withStrayErrors(errorLine, (stray) =>
        releaseJob(migrations, { ...options, argv }, AbortSignal.any([stop, stray])),
      ),
    );
  } finally {
    endDespiteLeftovers(
      errorLine,
      (held) =>
        `The job is done, but something still holds the process (${held}). Ending it; close it in a shutdown hook of its module.`,
    );
  }
}

/** @returns the exit code */
async function releaseJob(
  migrations: MigrationsModule,
  { argv, moduleFile }: ReleaseJobOptions & { readonly argv: readonly string[] },
  signal: AbortSignal,
): Promise<number> {
  const done: MigratedDatabase[] = [];
  let json = argv.includes('--json');
  let context: MigrationsContext | null = null;
  try {
    const flags = parseReleaseJobArguments(argv);
    json = flags.json;
    context = await openMigrationsContext(migrations, new RedactingLogger(errorLine));
    const several = context.migrators.length > 1;
    await runMigrators(
      chosen(context.migrators, flags),
      () => ({
        signal,
        withoutCoordinator: flags.withoutCoordinator,
        ...(flags.to !== null && { to: flags.to }),
        ...(flags.waitMs !== null && { waitMs: flags.waitMs }),
        ...(flags.waitFleetMs !== null && { waitFleetMs: flags.waitFleetMs }),
        allowDowntime: flags.allowDowntime,
        fleetConfirmed: flags.fleetConfirmed,
        ...(flags.backupRef !== null && { backupRef: flags.backupRef }),
      }),
      createRunLog(errorLine, { verbose: flags.verbose }),
      (one) => done.push(one),
      (error, { name }) =>
        withModuleCommands(error, {
          module: migrations,
          moduleFile,
          name: several ? name : null,
        }),
    );
    print(json, done, null);
    return 0;
  } catch (thrown) {
    const error = asMigratorError(thrown);
    for (const line of renderErrorBlock(error)) errorLine(line);
    print(json, done, error);
    return error.exitCode;
  } finally {
    await close(context);
  }
}

/** The result goes to stdout, also of what was done before a later database failed. */
function print(
  json: boolean,
  done: readonly MigratedDatabase[],
  error: MigratorError | null,
): void {
  if (json) {
    const result = { databases: done.map(({ name, result: up }) => ({ name, ...up })) };
    const document =
      error === null ? resultDocument('up', result) : errorDocument('up', error, result);
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  for (const { name, result } of done) {
    for (const line of renderUpResult(name, result)) process.stdout.write(`${line}\n`);
  }
}

/** The first error has decided the exit code; one while closing is told, and decides nothing. */
async function close(context: MigrationsContext | null): Promise<void> {
  try {
    await context?.close();
  } catch (error) {
    const { code, message } = asMigratorError(error);
    errorLine(`while closing: ${code}: ${message}`);
  }
}

/** @throws {MigratorError} `USAGE` */
function chosen(
  registrations: readonly MigratorRegistration[],
  flags: ReleaseJobArguments,
): readonly Migrator[] {
  const all = registrations.map(({ migrator }) => migrator);
  const names = all.map(({ name }) => name).join(', ');
  const migrators =
    flags.database === null ? all : all.filter(({ name }) => name === flags.database);
  if (migrators.length === 0) {
    throw new MigratorError('USAGE', {
      message: 'There is no database of the name that --database gives.',
      state: 'Nothing was changed.',
      remedy: `--database takes one of: ${names}`,
    });
  }
  if (flags.to !== null && migrators.length > 1) {
    throw new MigratorError('USAGE', {
      message: '--to names a migration of one database, and this module has several.',
      state: 'Nothing was changed.',
      remedy: `Add --database with one of: ${names}`,
    });
  }
  return migrators;
}

function errorLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
