import { Command, CommanderError, Option } from 'commander';
import type { CliCommand } from './command.js';
import { COMMANDS } from './commands.js';
import { durationArgument } from './duration-argument.js';
import { roleListArgument } from './role-list-argument.js';

/** The flags that every command takes. */
export interface GlobalFlags {
  readonly url?: string;
  readonly migrationUrl?: string;
  readonly dialect?: string;
  readonly migrations?: string;
  readonly folder?: string;
  readonly migrationsTable?: string;
  readonly migrationsSchema?: string;
  readonly grantTo?: readonly string[];
  readonly backupDirectory?: string;
  readonly config?: string;
  readonly module?: string;
  readonly name?: string;
  readonly lockWait?: number;
  readonly lockTimeout?: number;
  readonly json?: boolean;
  readonly logFormat: 'text' | 'json';
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/** What the arguments ask for. */
export type Invocation =
  | {
      readonly kind: 'run';
      readonly command: CliCommand;
      readonly args: readonly string[];
      readonly flags: Readonly<Record<string, unknown>>;
      readonly global: GlobalFlags;
    }
  | { readonly kind: 'help' | 'version'; readonly text: string }
  | { readonly kind: 'usage'; readonly message: string; readonly command: string | null };

/** Reads arguments. Writes nothing and ends nothing: commander's own output and exits come back as values. */
export async function parseArguments(
  argv: readonly string[],
  version: string,
): Promise<Invocation> {
  const written: string[] = [];
  const complaints: string[] = [];
  let run: Invocation | null = null;
  const program = new Command('nest-migrate')
    .description(
      'Migrations for Drizzle on Postgres, MySQL and MariaDB: one runner, nothing lost, nothing silent.',
    )
    .version(version, '-V, --version')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => written.push(text),
      writeErr: (text) => complaints.push(text),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .showSuggestionAfterError()
    .allowExcessArguments(false);
  for (const option of globalOptions()) program.addOption(option);
  program.addHelpText('after', PROGRAM_HELP);
  const commandOf = commandTree(program);
  for (const command of COMMANDS) {
    command
      .declare(commandOf(command.name))
      .allowExcessArguments(false)
      .action((...given: unknown[]) => {
        const parsed = given.at(-1) as Command;
        run = {
          kind: 'run',
          command,
          args: parsed.args,
          flags: parsed.opts(),
          global: program.opts<GlobalFlags>(),
        };
      });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return fromCommander(error, written, complaints, argv);
  }
  return run ?? { kind: 'usage', message: 'No command was given.', command: null };
}

/** `operation list` is `list` below `operation`, which by itself only prints its help. */
function commandTree(program: Command): (name: string) => Command {
  const groups = new Map<string, Command>();
  return (name) => {
    const [first = name, second] = name.split(' ');
    if (second === undefined) return program.command(first);
    let group = groups.get(first);
    if (group === undefined) {
      group = program.command(first).summary(GROUPS[first] ?? '');
      groups.set(first, group);
    }
    return group.command(second);
  };
}

/** What `--help` says of commands that have commands below them. */
const GROUPS: Readonly<Record<string, string>> = {
  operation: 'expand/contract operations: list, add, undo',
  backfill: 'rows being gone through: run, list, pause, resume, cancel, set',
};

function fromCommander(
  error: CommanderError,
  written: readonly string[],
  complaints: readonly string[],
  argv: readonly string[],
): Invocation {
  if (error.code === 'commander.version') return { kind: 'version', text: written.join('').trim() };
  if (error.exitCode === 0) return { kind: 'help', text: written.join('').trimEnd() };
  const message =
    error.code === 'commander.help'
      ? 'No command was given.'
      : withoutUrls(complaints.join(' ') || error.message, argv);
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word) => argv.includes(word)));
  return { kind: 'usage', message, command: command?.name ?? null };
}

/** commander quotes what it refuses, which may be a URL with its password in the wrong place. */
function withoutUrls(message: string, argv: readonly string[]): string {
  const secrets = argv
    .flatMap((given) => [given, given.slice(given.indexOf('=') + 1)])
    .filter((given) => /:\/\/|@/.test(given));
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, '...'), message)
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ');
}

function globalOptions(): Option[] {
  const duration = (flags: string, description: string): Option =>
    new Option(flags, description).argParser(durationArgument);
  return [
    new Option(
      '--url <url>',
      'connection URL; env:NAME reads an environment variable, which keeps the password out of `ps`',
    ),
    new Option(
      '--migration-url <url>',
      "the runner's own, direct connection URL; env:NAME as above",
    ),
    new Option(
      '--dialect <dialect>',
      'postgresql or mysql (also MariaDB); default: from URL or config',
    ),
    new Option(
      '--migrations <folder>',
      'the Drizzle Kit folder (default: "out" of the config, else ./drizzle)',
    ),
    new Option('--folder <folder>', 'the same as --migrations').hideHelp(),
    new Option('--migrations-table <name>', 'the ledger table (default: __drizzle_migrations)'),
    new Option('--migrations-schema <name>', 'its schema, Postgres only (default: drizzle)'),
    new Option(
      '--grant-to <role>',
      'let this role read the ledger, such as the one of the replicas; several with commas, or the flag again',
    ).argParser(roleListArgument),
    new Option('--backup-directory <folder>', 'take dumps before contracts, and put them there'),
    new Option(
      '--config <path>',
      'drizzle.config.ts, .js, .mjs, .cjs or .json (default: the one in this folder)',
    ),
    new Option(
      '--module <path>',
      'compiled Nest module with MigratorModule, such as dist/migrations.module.js',
    ),
    new Option(
      '--name <name>',
      'which migrator, where there are several databases (default: default)',
    ),
    duration('--lock-wait <duration>', 'how long to wait for another runner (default: 10m)'),
    duration(
      '--lock-timeout <duration>',
      'how long one statement waits for its table lock (default: 500ms, MySQL 1s)',
    ),
    new Option('--json', 'one JSON document on stdout, also on failure; everything else on stderr'),
    new Option('--log-format <format>', 'progress on stderr as text or as JSON lines')
      .choices(['text', 'json'])
      .default('text'),
    new Option('-v, --verbose', 'also log every statement').conflicts('quiet'),
    new Option('-q, --quiet', 'log nothing but errors'),
  ];
}

const PROGRAM_HELP = `
Configuration, the first that says something wins: flags, then --module, then drizzle.config.ts, then the environment
(DATABASE_URL, MIGRATION_DATABASE_URL, NEST_MIGRATE_*; a .env file is read).

Exit codes:
  0    done, or nothing to do
  1    a migration failed
  2    something this build requires is pending (--check)
  3    lock, coordinator or table lock not obtained in time
  4    verify or lint failed: edited file, broken folder, unsafe migration
  5    an interrupted run needs \`repair\`
  6    database unreachable
  7    refused
  64   usage or configuration
  130, 143  stopped by SIGINT, SIGTERM; run again to continue

Examples:
  nest-migrate up
  nest-migrate status --check
  nest-migrate plan --sql --config packages/db/drizzle.config.ts
  DATABASE_URL=postgresql://... nest-migrate up --migrations ./drizzle --json`;
