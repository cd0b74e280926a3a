import type { Command } from 'commander';
import type { Migrator } from '../migrator.js';
import type { Style } from './output/style.js';

/** What a command works with. */
export interface CommandContext<Flags> {
  readonly migrator: Migrator;
  readonly args: readonly string[];
  readonly flags: Flags;
  /** Aborted with a `MigratorError` by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** `--lock-wait` in milliseconds, for commands that take the lock. */
  readonly lockWaitMs: number | undefined;
}

/** What a command came to: data for `--json`, text for people, and why the exit code is not 0. */
export interface CommandOutcome {
  readonly result: unknown;
  /** Printed on stdout without `--json`. */
  text(style: Style): Promise<string>;
  /** Present where the command did its work and the answer is "no": `--check` with something pending. */
  readonly verdict?: Error;
}

/** One subcommand: what it takes, and a thin call of {@link Migrator}. Printing and exit codes are the shell's. */
export interface CliCommand {
  readonly name: string;
  /** Adds description, arguments, options and examples. */
  declare(command: Command): Command;
  run(context: CommandContext<Readonly<Record<string, unknown>>>): Promise<CommandOutcome>;
}

/** Makes a {@link CliCommand} whose `run` sees its flags as `declare` described them to commander. */
export function defineCommand<Flags extends object>(command: {
  readonly name: string;
  declare(command: Command): Command;
  run(context: CommandContext<Flags>): Promise<CommandOutcome>;
}): CliCommand {
  return {
    name: command.name,
    declare: (program) => command.declare(program),
    // commander parsed the flags by the very options that `declare` gave it.
    run: (context) => command.run(context as CommandContext<Flags>),
  };
}
