import { isMigratorError, MigratorError } from '../errors.js';
import type { Migrator } from '../migrator.js';
import { endDespiteLeftovers } from '../process/leftovers.js';
import { withStopSignals } from '../process/stop-signals.js';
import { withStrayErrors } from '../process/stray-errors.js';
import { createRunLog } from '../report/run-log.js';
import type { RunListener } from '../run-events.js';
import { asMigratorError } from '../report/unexpected.js';
import { openMigrator, openWorkplace } from './open-migrator.js';
import { printOutcome, type Printable } from './output/print-outcome.js';
import { liveLineAfter } from './output/progress-bar.js';
import { commandAgain, withSameFlags } from './output/same-flags.js';
import { styleFor } from './output/style.js';
import { parseArguments, type GlobalFlags, type Invocation } from './program.js';
import { reserveStdout, type CliStreams } from './streams.js';
import { packageVersion } from './version.js';
import { confirmDatabase, type Asking } from './confirm-database.js';

/**
 * The one shell around all commands: arguments in, result on stdout, everything else on stderr, exit code set. Never rejects.
 */
export async function runCli(argv: readonly string[]): Promise<void> {
  const streams = reserveStdout();
  const json = argv.includes('--json');
  const outcome = await outcomeOf(argv, streams);
  process.exitCode = outcome.error?.exitCode ?? 0;
  await printOutcome(outcome, json, streams, styleFor(process.stdout, process.env));
  endDespiteLeftovers(
    (line) => streams.writeLine(line),
    (held) => `nest-migrate is done, but something keeps the process alive (${held}); ending it.`,
  );
}

async function outcomeOf(argv: readonly string[], streams: CliStreams): Promise<Printable> {
  try {
    const invocation = await parseArguments(argv, packageVersion());
    switch (invocation.kind) {
      case 'version':
        return {
          command: 'version',
          result: { version: invocation.text },
          text: async () => invocation.text,
        };
      case 'help':
        return {
          command: 'help',
          result: { help: invocation.text },
          text: async () => invocation.text,
        };
      case 'usage':
        return { command: invocation.command ?? 'nest-migrate', error: usage(invocation) };
      case 'run':
        return await withStopSignals((stop) =>
          withStrayErrors(
            (line) => streams.writeLine(line),
            (stray) => run(invocation, AbortSignal.any([stop, stray]), streams),
          ),
        );
    }
  } catch (error) {
    return { command: 'nest-migrate', error: asMigratorError(error) };
  }
}

async function run(
  { command, args, flags, global }: Extract<Invocation, { kind: 'run' }>,
  signal: AbortSignal,
  streams: CliStreams,
): Promise<Printable> {
  try {
    const { verdict, ...outcome } =
      command.needs === 'folder'
        ? await withOpened(openWorkplace, global, signal, streams, ({ workplace }) =>
            command.run({ workplace, args, flags, signal }),
          )
        : await withOpened(openMigrator, global, signal, streams, async ({ migrator }) => {
            const said = command.confirms(flags);
            if (said !== null) await confirmDatabase(migrator, said, terminal(), signal);
            return command.run({
              ...{ migrator, args, flags, signal, lockWaitMs: global.lockWait },
              again: (advised, needs) => commandAgain(advised, global, needs),
            });
          });
    return {
      command: command.name,
      ...outcome,
      ...(verdict !== undefined && { error: withSameFlags(asMigratorError(verdict), global) }),
    };
  } catch (error) {
    return { command: command.name, error: withSameFlags(stopReason(signal, error), global) };
  }
}

/** Questions stand on stderr: stdout is the result's. */
function terminal(): Asking {
  return { input: process.stdin, output: process.stderr, env: process.env };
}

/** What a stopped run rejects with may be the driver's view of it; the signal says what really happened. */
function stopReason(signal: AbortSignal, error: unknown): MigratorError {
  const stopped = signal.aborted && !isMigratorError(error);
  return asMigratorError(stopped ? signal.reason : error);
}

/** What a command works on, and how to let go of it. */
interface Opened {
  readonly migrator: Migrator | null;
  close(): Promise<void>;
}

/** Opens what flags, files and environment name, logs its run, and closes it. The first error wins. */
async function withOpened<Open extends Opened, Result>(
  open: (flags: GlobalFlags, note: (text: string) => void) => Promise<Open>,
  flags: GlobalFlags,
  signal: AbortSignal,
  streams: CliStreams,
  work: (opened: Open) => Promise<Result>,
): Promise<Result> {
  const opened = await open(flags, (note) => {
    if (flags.quiet !== true) streams.writeLine(`note: ${note}`);
  });
  try {
    signal.throwIfAborted();
    if (flags.quiet !== true) {
      opened.migrator?.onEvent(runLog(flags, streams));
    }
    return await work(opened);
  } finally {
    streams.live?.show(null);
    await opened.close().catch((error: unknown) => {
      streams.writeLine(`note: closing failed (${asMigratorError(error).code})`);
    });
  }
}

/** Lines on stderr; on a terminal, for people, backfills have a bar below them in place of their lines. */
function runLog(flags: GlobalFlags, streams: CliStreams): RunListener {
  const { live } = streams;
  const log = createRunLog((line) => streams.writeLine(line), {
    format: flags.logFormat,
    verbose: flags.verbose === true,
  });
  if (live === null || flags.logFormat === 'json') return log;
  return (event) => {
    const text = liveLineAfter(event, live.columns());
    if (text !== undefined) live.show(text);
    if (event.type !== 'backfill.progress') log(event);
  };
}

function usage({ message, command }: Extract<Invocation, { kind: 'usage' }>): MigratorError {
  return new MigratorError('USAGE', {
    message,
    state: 'Nothing was connected to and nothing was changed.',
    remedy: `nest-migrate ${command === null ? '' : `${command} `}--help`,
  });
}
