import type { MigratorError } from '../errors.js';
import type { ServerInfo } from '../database/database.js';
import { programMissing, programTooOld } from './backup-errors.js';
import { runProgram } from './run-program.js';

/** Whose program it is: the options of MySQL's and MariaDB's differ. */
export type Vendor = 'postgresql' | 'mysql' | 'mariadb';

/** A dump program that answers and is new enough. */
export interface DumpProgram {
  readonly command: string;
  readonly vendor: Vendor;
  readonly version: string;
}

/**
 * What a program says to `--version`:
 * `pg_dump (PostgreSQL) 18.4`, `mysqldump  Ver 9.7.4 for Linux`, `mysqldump  Ver 10.19 Distrib 10.11.18-MariaDB`, `mariadb-dump from 11.8.2-MariaDB`.
 *
 * @returns null for a program that is none of these
 */
export function programOf(command: string, said: string): DumpProgram | null {
  const maria = /(\d+\.\d+\.\d+)-MariaDB/.exec(said)?.[1];
  if (maria !== undefined) return { command, vendor: 'mariadb', version: maria };
  const postgres = /\(PostgreSQL\) (\d+(?:\.\d+)*)/.exec(said)?.[1];
  if (postgres !== undefined) return { command, vendor: 'postgresql', version: postgres };
  const mysql = /Ver (?:[\d.]+ Distrib )?(\d+\.\d+\.\d+)/.exec(said)?.[1];
  return mysql === undefined ? null : { command, vendor: 'mysql', version: mysql };
}

/**
 * Why a program cannot dump a server; null = it can. `pg_dump` refuses servers of a newer major version by itself, the others write what may not be
 * complete. MariaDB and MySQL count their versions apart from each other, so that only programs of the server's own vendor are compared.
 */
export function unfit(
  { vendor, version }: DumpProgram,
  server: Pick<ServerInfo, 'flavour' | 'version'>,
): 'too-old' | 'other-vendor' | null {
  if (vendor !== server.flavour) return 'other-vendor';
  return major(version) < major(server.version) ? 'too-old' : null;
}

/** The last line that a program writes; a wrapper that loses the rest of a pipe ends with 0 all the same. */
const LAST_LINE: Readonly<Record<Vendor, RegExp>> = {
  postgresql: /^-- PostgreSQL database dump complete$/m,
  mysql: /^-- Dump completed\b/m,
  mariadb: /^-- Dump completed\b/m,
};

/** Whether a dump came to its end. @param tail the end of its output */
export function isWhole({ vendor }: DumpProgram, tail: string): boolean {
  return LAST_LINE[vendor].test(tail);
}

/**
 * The first of the programs that is there, if it fits the server.
 *
 * @throws {MigratorError} `BACKUP_FAILED`; the signal's reason
 */
export async function findDumpProgram(
  commands: readonly string[],
  { tag, server, signal }: { tag: string; server: ServerInfo; signal: AbortSignal },
): Promise<DumpProgram> {
  let refused: MigratorError | null = null;
  for (const command of commands) {
    const answer = await runProgram({ command, args: ['--version'], env: {}, signal, file: null });
    if (answer.outcome === 'missing') continue;
    const program = answer.outcome === 'ended' ? programOf(command, answer.stdout) : null;
    const why = program === null ? 'other-vendor' : unfit(program, server);
    if (program !== null && why === null) return program;
    refused ??= programTooOld(tag, command, program, server);
  }
  throw refused ?? programMissing(tag, commands, server);
}

function major(version: string): number {
  return Number.parseInt(version, 10);
}
