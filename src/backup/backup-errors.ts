import type { ServerInfo } from '../database/database.js';
import { MigratorError } from '../errors.js';
import type { DumpContent } from './backup.js';
import type { DumpProgram } from './dump-program.js';
import type { FailureClass } from './failure-class.js';
import { systemCode } from './system-code.js';

const AGAIN = 'then run nest-migrate up again';

function untouched(tag: string): string {
  return `Nothing of ${tag} was carried out; what was applied before it stays.`;
}

function optionOf({ dialect }: ServerInfo): string {
  return dialect === 'postgresql' ? 'backup.command.pgDump' : 'backup.command.mysqldump';
}

/** None of the programs is on the PATH, or the one configured is not there. */
export function programMissing(
  tag: string,
  commands: readonly string[],
  server: ServerInfo,
): MigratorError {
  return new MigratorError('BACKUP_FAILED', {
    message: `The backup before ${tag} needs ${commands.join(' or ')}, which is not on the PATH of this process.`,
    place: { migration: tag },
    state: untouched(tag),
    remedy: `Install the client programs of ${server.flavour} ${server.version} where the migrations run (Debian: ${PACKAGES[server.flavour]}), or name the program by the option ${optionOf(server)}; ${AGAIN}.`,
    details: { reason: 'program-missing', programs: commands },
  });
}

const PACKAGES: Readonly<Record<ServerInfo['flavour'], string>> = {
  postgresql: 'postgresql-client',
  pglite: 'postgresql-client',
  mysql: 'mysql-client',
  mariadb: 'mariadb-client',
};

/** @param program null = it says nothing that a dump program says */
export function programTooOld(
  tag: string,
  command: string,
  program: DumpProgram | null,
  server: ServerInfo,
): MigratorError {
  const found = program === null ? 'no dump program' : `${program.vendor} ${program.version}`;
  return new MigratorError('BACKUP_FAILED', {
    message: `The backup before ${tag} cannot be taken: ${command} is ${found}, and the server is ${server.flavour} ${server.version}. It must be of the same vendor, and of the same major version or a later one.`,
    place: { migration: tag },
    state: untouched(tag),
    remedy: `Install the client programs of ${server.flavour} ${server.version} where the migrations run, or name the right program by the option ${optionOf(server)}; ${AGAIN}.`,
    details: { reason: 'program-unfit', program: found, server: server.version },
  });
}

/** The program ended with another exit code than 0. */
export function dumpFailed(
  tag: string,
  content: DumpContent,
  { command }: DumpProgram,
  { exitCode, why }: { readonly exitCode: number | null; readonly why: FailureClass },
): MigratorError {
  const ended = exitCode === null ? 'did not end by itself' : `ended with exit code ${exitCode}`;
  return new MigratorError('BACKUP_FAILED', {
    message: `The ${content} dump before ${tag} failed: ${command} ${ended} (${MEANING[why]}).`,
    place: { migration: tag },
    state: `${untouched(tag)} The incomplete file was removed.`,
    remedy: `Mend what stopped it (run by hand, the program says it in its own words), ${AGAIN}. ${wayOut(content, why)}`,
    details: { reason: 'program-failed', exitCode, class: why },
  });
}

/** A snapshot of one's own takes the place of the rows; nothing but leaving the option out takes that of the schema. */
function wayOut(content: DumpContent, why: FailureClass): string {
  const rights =
    why === 'not-permitted' && content === 'schema'
      ? 'It reads every table of every schema of the database: grant that to the login. '
      : '';
  return content === 'data'
    ? 'With a snapshot of your own: nest-migrate up --backup-ref <its name>, which needs the schema dump only.'
    : `${rights}With a snapshot of your own, run once without the option backup (--backup-directory).`;
}

const MEANING: Readonly<Record<FailureClass, string>> = {
  'not-permitted': 'its login lacks a right',
  credentials: 'the server refused its login',
  unreachable: 'it could not reach the server, or lost it',
  tls: 'TLS did not come about',
  locked: 'a table was locked by somebody else for too long',
  version: 'it is older than the server',
  'disk-full': 'the disk is full',
  usage: 'it does not know an option that it was given',
  'not-executable': 'it may not be executed',
  'not-started': 'it could not be started',
  'cut-off': 'the last line that a complete dump has is missing',
  unknown: 'it said nothing that is known here',
};

/** The folder cannot be written to. Paths and system codes only. */
export function notWritten(tag: string, directory: string, cause: unknown): MigratorError {
  const code = systemCode(cause);
  return new MigratorError('BACKUP_FAILED', {
    message: `The backup before ${tag} could not be written to ${directory}${code === null ? '' : ` (${code})`}.`,
    place: { migration: tag },
    state: `${untouched(tag)} No incomplete file is left.`,
    remedy: `See that ${directory} can be written to and has room (option backup.directory), ${AGAIN}.`,
    details: { reason: 'not-written', code },
    cause,
  });
}
