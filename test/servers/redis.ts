import { ManagedServer } from './managed-server.js';
import { findServer, type ProgramSource } from './programs.js';

/** Options of a private Redis. */
export interface RedisOptions {
  /** Configuration, as `--name value`. Nothing is written to disk unless `appendonly` says so. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What a Redis fixture gives besides its process. */
export interface RedisServer {
  readonly url: string;
}

/** Where Redis comes from. */
export const redisSource: ProgramSource = {
  title: 'Redis 7',
  suite: 'bookworm',
  package: 'redis-server',
  programs: ['usr/bin/redis-server'],
  names: ['redis-server'],
  places: ['/usr/bin', '/usr/local/bin'],
  version: /v=[78]\./,
  variable: 'TEST_REDIS_URLS',
};

/** Starts a Redis of the caller's own: empty, and empty again after a restart. */
export async function startRedis(options: RedisOptions = {}): Promise<ManagedServer & RedisServer> {
  const program = await findServer(redisSource);
  const server = await ManagedServer.start({
    name: 'redis',
    launch: (port, directory) => ({
      command: program.path,
      args: Object.entries({
        port: String(port),
        bind: '127.0.0.1',
        dir: directory,
        save: '',
        ...options.settings,
      }).flatMap(([name, value]) => [`--${name}`, value]),
      cwd: directory,
      readyWhen: /Ready to accept connections/,
    }),
    shutdownSignal: 'SIGTERM',
    discardSignal: 'SIGKILL',
  });
  return Object.assign(server, { url: `redis://127.0.0.1:${server.port}` });
}
