import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { urlWith } from './database-server.js';
import { ManagedServer } from './managed-server.js';
import { findServer, type ProgramSource } from './programs.js';

/** When a server connection goes back to the pool: after each transaction, or when the client leaves. */
export type PoolMode = 'transaction' | 'session';

/** Options of a private PgBouncer. */
export interface PgBouncerOptions {
  readonly mode: PoolMode;
  /** The administrator's URL of the Postgres behind it. */
  readonly target: string;
  /** Further lines of its configuration, such as `default_pool_size`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A pooler in front of a Postgres. */
export interface PgBouncerServer {
  readonly url: string;
  /** A database's URL, of any user, on the way through the pooler. */
  through(databaseUrl: string): string;
}

/** Where PgBouncer comes from. */
export const pgBouncerSource: ProgramSource = {
  title: 'PgBouncer',
  suite: 'bookworm',
  package: 'pgbouncer',
  programs: ['usr/sbin/pgbouncer'],
  names: ['pgbouncer'],
  places: ['/usr/sbin'],
  version: /PgBouncer 1\.(1[89]|[2-9]\d)/,
  variable: 'TEST_PGBOUNCER_TRANSACTION_URL and TEST_PGBOUNCER_SESSION_URL',
};

/** Starts a PgBouncer of the caller's own, for all databases and users of its target. */
export async function startPgBouncer(
  options: PgBouncerOptions,
): Promise<ManagedServer & PgBouncerServer> {
  const program = await findServer(pgBouncerSource);
  const server = await ManagedServer.start({
    name: `pgbouncer-${options.mode}`,
    launch: (port, directory) => {
      const target = new URL(options.target);
      const users = join(directory, 'users.txt');
      const file = join(directory, 'pgbouncer.ini');
      writeFileSync(users, `"${target.username}" "${target.password}"\n`, { mode: 0o644 });
      writeFileSync(file, configuration(options, port, users), { mode: 0o644 });
      return {
        command: program.path,
        args: [file],
        cwd: directory,
        readyWhen: /process up: PgBouncer/,
      };
    },
    // SIGINT would wait for the clients.
    shutdownSignal: 'SIGTERM',
    discardSignal: 'SIGKILL',
  });
  const url = urlWith(options.target, { port: server.port });
  return Object.assign(server, pgBouncerServer(url));
}

/** The pooler behind a URL, whoever started it. */
export function pgBouncerServer(url: string): PgBouncerServer {
  const { hostname, port } = new URL(url);
  return {
    url,
    through: (databaseUrl) => {
      const changed = new URL(databaseUrl);
      changed.hostname = hostname;
      changed.port = port;
      return changed.href;
    },
  };
}

/** Logins that are not in the file are looked up on the server, so that users which a test makes can pass as well. */
function configuration(options: PgBouncerOptions, port: number, users: string): string {
  const target = new URL(options.target);
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    pool_mode: options.mode,
    auth_type: 'scram-sha-256',
    auth_file: users,
    auth_user: target.username,
    auth_query: 'SELECT usename, passwd FROM pg_shadow WHERE usename = $1',
    admin_users: target.username,
    max_client_conn: '500',
    ...options.settings,
  };
  return [
    '[databases]',
    `* = host=${target.hostname} port=${target.port || '5432'}`,
    '[pgbouncer]',
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
    '',
  ].join('\n');
}
