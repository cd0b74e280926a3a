import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { callPassword, isPasswordFunction } from '../database/call-password.js';
import type { ConnectionTarget, Connections } from '../database/connection-targets.js';
import type { Settings } from '../database/connection-url.js';
import type { ServerInfo } from '../database/database.js';
import { loadPg } from '../database/postgres/driver.js';
import { tlsOf } from '../database/postgres/create-client.js';
import { isMigratorError } from '../errors.js';
import type {
  BackupRequest,
  Backups,
  BackupSettings,
  DumpContent,
  DumpedTable,
  DumpFile,
} from './backup.js';
import { dumpFailed, notWritten } from './backup-errors.js';
import { findDumpProgram, isWhole, type DumpProgram } from './dump-program.js';
import { dumpFileName } from './file-name.js';
import { mysqldumpArguments, mysqldumpEnvironment } from './mysql/mysqldump.js';
import { pgDumpArguments, pgDumpEnvironment } from './postgres/pg-dump.js';
import { runProgram, type ProgramCall, type ProgramEnd } from './run-program.js';
import { tlsForPrograms, type TlsForPrograms } from './tls-files.js';

/** Takes dumps with the vendor's own program, over the address and as the login of the runner. */
export function backupsOf(settings: BackupSettings, connections: Connections): Backups {
  const { dataBelow } = settings;
  const unreachable = whyUnreachable(connections);
  if (connections.driver === 'pglite' || unreachable !== null) {
    const take = (): Promise<never> =>
      Promise.reject(new TypeError('a database that no dump program reaches'));
    return { dataBelow, unreachable, take };
  }
  const target = connections.targets.runner;
  return { dataBelow, unreachable, take: (request) => take(settings, target, request) };
}

/** What only exists inside this process cannot be handed to another one. */
function whyUnreachable(connections: Connections): string | null {
  if (connections.driver === 'pglite') return 'PGlite lives in this process';
  const { stream } = connections.targets.runner.settings;
  return stream === undefined || stream === null
    ? null
    : 'its connections come from a function (the setting stream)';
}

async function take(
  settings: BackupSettings,
  target: ConnectionTarget,
  request: BackupRequest,
): Promise<readonly DumpFile[]> {
  const { directory } = settings;
  const { tag, server, signal } = request;
  const program = await findDumpProgram(candidates(settings, server.flavour), request);
  const secrets = await mkdtemp(join(tmpdir(), 'nest-migrate-'));
  try {
    const login = await loginOf(target, program, secrets);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const files: DumpFile[] = [];
    for (const dump of dumpsOf(request)) {
      const { content, database } = dump;
      request.onStart(content);
      const began = performance.now();
      const path = join(directory, dumpFileName(database, tag, request.at, content));
      const call = { ...callOf(program, target.settings, login, dump), signal };
      const written = await writeDump(call, path, program);
      if (written.outcome !== 'ended') throw dumpFailed(tag, content, program, written);
      const file = { content, path, sha256: written.sha256, bytes: written.bytes };
      files.push(file);
      request.onFile(file, Math.round(performance.now() - began));
    }
    return files;
  } catch (error) {
    signal.throwIfAborted();
    throw isMigratorError(error) ? error : notWritten(tag, directory, error);
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
}

function candidates(
  { command }: BackupSettings,
  flavour: ServerInfo['flavour'],
): readonly string[] {
  if (flavour === 'postgresql') return [command.pgDump ?? 'pg_dump'];
  if (command.mysqldump !== null) return [command.mysqldump];
  return flavour === 'mariadb' ? ['mariadb-dump', 'mysqldump'] : ['mysqldump'];
}

/** One run of the program. */
interface Dump {
  readonly content: DumpContent;
  readonly database: string;
  readonly tables: readonly DumpedTable[];
}

/** MySQL's program takes tables of one database at a time. */
function dumpsOf({ server, tables }: BackupRequest): readonly Dump[] {
  const { dialect, database } = server;
  const schema: Dump = { content: 'schema', database, tables: [] };
  if (tables.length === 0) return [schema];
  if (dialect === 'postgresql') return [schema, { content: 'data', database, tables }];
  const databases = [...new Set(tables.map((table) => table.schema))];
  return [
    schema,
    ...databases.map((name) => ({
      content: 'data' as const,
      database: name,
      tables: tables.filter((table) => table.schema === name),
    })),
  ];
}

interface Login {
  readonly password: string | null;
  readonly tls: TlsForPrograms | null;
}

async function loginOf(
  target: ConnectionTarget,
  { vendor }: DumpProgram,
  secrets: string,
): Promise<Login> {
  const { password, ssl } = target.settings;
  const given = isPasswordFunction(password) ? await callPassword(password) : password;
  const tls = vendor === 'postgresql' ? tlsOf(await loadPg(), target) : ssl;
  return {
    password: typeof given === 'string' && given !== '' ? given : null,
    // node-postgres checks the host's name, mysql2 only where it is told to.
    tls: await tlsForPrograms(tls, secrets, vendor === 'postgresql'),
  };
}

function callOf(
  { command, vendor }: DumpProgram,
  settings: Settings,
  { password, tls }: Login,
  { content, database, tables }: Dump,
): Pick<ProgramCall, 'command' | 'args' | 'env'> {
  if (vendor === 'postgresql') {
    // As node-postgres has it; libpq would take the socket of whatever server is here.
    const host = settings['host'] ?? (process.env['PGHOST'] || 'localhost');
    const env = pgDumpEnvironment({ ...settings, host }, database, password, tls);
    return { command, args: pgDumpArguments(content, tables), env };
  }
  const args = mysqldumpArguments(content, vendor, settings, tls, database, tables);
  return { command, args, env: mysqldumpEnvironment(password) };
}

/** A file gets its name when it is complete and on disk. What is not is removed. */
async function writeDump(
  call: Omit<ProgramCall, 'file'>,
  path: string,
  program: DumpProgram,
): Promise<DumpEnd> {
  const partial = `${path}.partial`;
  let complete = false;
  try {
    const end = await runProgram({ ...call, file: partial });
    // It answered a moment ago.
    if (end.outcome === 'missing') return { outcome: 'failed', exitCode: null, why: 'not-started' };
    if (end.outcome === 'ended') {
      if (!isWhole(program, end.tail)) return { outcome: 'failed', exitCode: 0, why: 'cut-off' };
      await rename(partial, path);
      complete = true;
      await flushFolder(dirname(path));
    }
    return end;
  } finally {
    if (!complete) await rm(partial, { force: true });
  }
}

type DumpEnd = Exclude<ProgramEnd, { readonly outcome: 'missing' }>;

/** The name too has to outlive a power cut. Windows opens no folders. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
