import type { Command } from 'commander';
import type { Migrator } from '../migrator.js';
import type { JournalSource } from '../migrator/lint.js';
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
  /**
   * A command to advise, as it is typed to reach the same database.
   *
   * @param needs `operations`: it carries out what the command line knows with `--module` alone
   */
  readonly again: (command: string, needs?: 'operations') => string;
}

/** What a command came to: data for `--json`, text for people, and why the exit code is not 0. */
export interface CommandOutcome {
  readonly result: unknown;
  /** Printed on stdout without `--json`. */
  text(style: Style): Promise<string>;
  /** Present where the command did its work and the answer is "no": `--check` with something pending. */
  readonly verdict?: Error;
}

/** What a command that reads files works on: the migrator where a database is named, else the folder alone. */
export type Workplace =
  | { readonly kind: 'migrator'; readonly migrator: Migrator }
  | { readonly kind: 'folder'; readonly source: JournalSource };

/** What a command works with that does not need a database. */
export interface FolderContext<Flags> {
  readonly workplace: Workplace;
  readonly args: readonly string[];
  readonly flags: Flags;
  /** Aborted with a `MigratorError` by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

interface CommandBase {
  readonly name: string;
  /** Adds description, arguments, options and examples. */
  declare(command: Command): Command;
}

/** A command on a database. */
export interface DatabaseCommand extends CommandBase {
  readonly needs: 'database';
  /** The flag that a person at a terminal confirms by the database's name; null = none was given. */
  confirms(flags: Readonly<Record<string, unknown>>): string | null;
  run(context: CommandContext<Readonly<Record<string, unknown>>>): Promise<CommandOutcome>;
}

/** A command on the migrations folder. */
export interface FolderCommand extends CommandBase {
  readonly needs: 'folder';
  run(context: FolderContext<Readonly<Record<string, unknown>>>): Promise<CommandOutcome>;
}

/** One subcommand: what it takes, and a thin call of {@link Migrator}. Printing and exit codes are the shell's. */
export type CliCommand = DatabaseCommand | FolderCommand;

/** Makes a {@link CliCommand} whose `run` sees its flags as `declare` described them to commander. */
export function defineCommand<Flags extends object>(command: {
  readonly name: string;
  declare(command: Command): Command;
  /** @default nothing is confirmed */
  confirms?(flags: Flags): string | null;
  run(context: CommandContext<Flags>): Promise<CommandOutcome>;
}): DatabaseCommand {
  return {
    needs: 'database',
    name: command.name,
    declare: (program) => command.declare(program),
    // commander parsed the flags by the very options that `declare` gave it.
    confirms: (flags) => command.confirms?.(flags as Flags) ?? null,
    run: (context) => command.run(context as CommandContext<Flags>),
  };
}

/** The same for a command that does without a database. */
export function defineFolderCommand<Flags extends object>(command: {
  readonly name: string;
  declare(command: Command): Command;
  run(context: FolderContext<Flags>): Promise<CommandOutcome>;
}): FolderCommand {
  return {
    needs: 'folder',
    name: command.name,
    declare: (program) => command.declare(program),
    run: (context) => command.run(context as FolderContext<Flags>),
  };
}
