import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, copyTree, giveToServers } from './cache.js';
import type { DatabaseServer } from './database-server.js';
import { ManagedServer, type Recipe } from './managed-server.js';
import {
  type PostgresPrograms,
  postgresPrograms,
  type PostgresVersion,
} from './postgres-programs.js';
import { postgresServer } from './postgres-admin.js';
import { runAsServer } from './process.js';

/** Options of a private Postgres. */
export interface PostgresOptions {
  /** @default 18 */
  readonly version?: PostgresVersion;
  /** Server settings, as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const password = 'postgres';

/**
 * Durability against a power cut is not what the tests are about: a killed server keeps what it handed to the kernel.
 * Dynamic shared memory lies in the data directory, so that a killed server leaves nothing in /dev/shm.
 */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '64MB',
  dynamic_shared_memory_type: 'mmap',
};

/** Starts a Postgres of the caller's own. The administrator is `postgres`. */
export async function startPostgres(
  options: PostgresOptions = {},
): Promise<ManagedServer & DatabaseServer> {
  const programs = await postgresPrograms(options.version ?? 18);
  const server = await ManagedServer.start(recipe(programs, options.settings ?? {}));
  const url = `postgresql://postgres:${password}@127.0.0.1:${server.port}/postgres`;
  return Object.assign(server, postgresServer(url));
}

function recipe(programs: PostgresPrograms, extra: Readonly<Record<string, string>>): Recipe {
  return {
    name: 'postgres',
    prepare: async (directory) => {
      await copyTree(join(await freshCluster(programs), 'data'), directory);
    },
    launch: (port, directory) => ({
      command: programs.postgres,
      args: [
        ...['-D', join(directory, 'data'), '-p', String(port)],
        ...Object.entries({ ...settings, ...extra }).flatMap(([name, value]) => [
          '-c',
          `${name}=${value}`,
        ]),
      ],
      cwd: join(directory, 'data'),
      readyWhen: /database system is ready to accept connections/,
    }),
    shutdownSignal: 'SIGINT',
    // Immediate shutdown: as fast as SIGKILL, but the server still gives its shared memory back.
    discardSignal: 'SIGQUIT',
    sweep: (directory) => removeSharedMemory(join(directory, 'data')),
  };
}

/** An initialised data directory to copy from: initdb takes four times as long as the copy. */
function freshCluster(programs: PostgresPrograms): Promise<string> {
  return cached(`data-postgres-${programs.version}`, async (folder) => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password, { mode: 0o644 });
    giveToServers(folder);
    await runAsServer(
      programs.initdb,
      [
        ...[
          '-D',
          join(folder, 'data'),
          '--username=postgres',
          '--encoding=UTF8',
          '--locale=C',
          '--no-sync',
        ],
        ...['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-instructions'],
      ],
      { cwd: folder },
    );
  });
}

/**
 * Removes the System V segment of a Postgres that was killed: it survives its server, and the system has few of them.
 * Its id is the second number of line 7 of postmaster.pid, a file that only a killed server leaves.
 */
export function removeSharedMemory(dataDirectory: string): void {
  const file = join(dataDirectory, 'postmaster.pid');
  if (!existsSync(file)) return;
  const id = readFileSync(file, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1];
  if (id === undefined) return;
  try {
    execFileSync('ipcrm', ['-m', id], { stdio: 'ignore' });
  } catch {
    // Gone already: a restarted server or the system took it.
  }
}
