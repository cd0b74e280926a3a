import type { MigratorError } from '../../errors.js';
import { rewriteCommands } from '../../report/rewrite-commands.js';
import { shellWord } from '../../report/shell-word.js';
import { variableOf } from '../configuration/settings.js';
import type { GlobalFlags } from '../program.js';

/** The error with the flags of this command line in the commands that it advises: those that say which database, folder and ledger, and who may read it. */
export function withSameFlags(error: MigratorError, flags: GlobalFlags): MigratorError {
  const same = sameFlags(flags);
  if (same === '') return error;
  return rewriteCommands(error, (command) => `${command} ${same}`);
}

/**
 * A command as it is typed to reach the same database.
 *
 * @param needs `operations`: it carries out what the command line knows with `--module` alone
 */
export function commandAgain(command: string, flags: GlobalFlags, needs?: 'operations'): string {
  if (needs === 'operations' && flags.module === undefined) return `${command} --module <file>`;
  return `${command} ${sameFlags(flags)}`.trimEnd();
}

function sameFlags(flags: GlobalFlags): string {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['--config', quoted(flags.config)],
    ['--module', quoted(flags.module)],
    ['--name', quoted(flags.name)],
    ['--url', urlArgument(flags.url)],
    ['--migration-url', urlArgument(flags.migrationUrl)],
    ['--dialect', quoted(flags.dialect)],
    ['--migrations', quoted(flags.migrations ?? flags.folder)],
    ['--migrations-table', quoted(flags.migrationsTable)],
    ['--migrations-schema', quoted(flags.migrationsSchema)],
    ['--grant-to', quoted(flags.grantTo?.join(','))],
    ['--backup-directory', quoted(flags.backupDirectory)],
  ];
  return given
    .filter(([, value]) => value !== undefined)
    .map(([flag, value]) => `${flag} ${value}`)
    .join(' ');
}

/** The name of a variable, or a stand-in: a literal URL may hold a password. */
function urlArgument(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  return variableOf(url) === undefined ? '<the same>' : url;
}

/** As one word of the command line. */
function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : shellWord(text);
}
