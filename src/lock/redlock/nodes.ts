import { loadPackage } from '../../database/load-package.js';
import { coordinatorMisconfigured, coordinatorUnreachable } from '../lock-errors.js';
import type { RedisClient, RedlockServer } from './client.js';
import type { ResolvedOptions } from './options.js';

/** Milliseconds that a connection being made gets before its server counts as not answering, for clients of the user's own. */
const SETTLE_MS = 500;

/** What Redis says of a wrong password, a missing one, and a user without the rights. */
const REFUSALS: ReadonlySet<string> = new Set(['WRONGPASS', 'NOAUTH', 'NOPERM']);

/** The servers of one coordinator and what they last complained of. */
export class RedisNodes {
  readonly #clients: readonly RedisClient[];
  readonly #owned: boolean;
  readonly #settleMs: number;
  readonly #complaints = new Map<RedisClient, string>();

  private constructor(clients: readonly RedisClient[], owned: boolean, settleMs: number) {
    this.#clients = clients;
    this.#owned = owned;
    this.#settleMs = settleMs;
    if (!owned) return;
    for (const client of clients) {
      // ioredis prints errors that nobody listens for, and they may hold an address with a user name.
      client.on('error', (error) => this.#complaints.set(client, errorCode(error)));
    }
  }

  /** @throws {MigratorError} `MISSING_PACKAGE` */
  static async open(source: ResolvedOptions['source']): Promise<RedisNodes> {
    if (source.kind === 'clients') return new RedisNodes(source.clients, false, SETTLE_MS);
    const { Redis } = await loadPackage<typeof import('ioredis')>(
      'ioredis',
      () => import('ioredis'),
    );
    const { commandTimeoutMs } = source;
    const clients = source.urls.map(
      (url): RedisClient =>
        new Redis(url.href, {
          ...source.connection,
          // The lock depends on each of these (locks.md 7.4): redlock 4 waits for all servers, not for a majority.
          commandTimeout: commandTimeoutMs,
          connectTimeout: commandTimeoutMs,
          maxRetriesPerRequest: 0,
          enableOfflineQueue: false,
          lazyConnect: false,
          // Its default keeps the process alive for two seconds after the end of a connection that broke.
          disconnectTimeout: commandTimeoutMs,
          retryStrategy: (times) => Math.min(100 * times, 500),
        }),
    );
    return new RedisNodes(clients, true, commandTimeoutMs * 2);
  }

  get all(): readonly RedisClient[] {
    return this.#clients;
  }

  get quorum(): number {
    return Math.floor(this.#clients.length / 2) + 1;
  }

  /**
   * Waits until each connection is made or has failed once.
   * @throws {MigratorError} `COORDINATOR_UNREACHABLE` when no majority is ready, `COORDINATOR_MISCONFIGURED` when it refuses the password
   */
  async ready(kind: string, signal: AbortSignal): Promise<void> {
    await Promise.all(this.#clients.map((client) => settled(client, this.#settleMs, signal)));
    signal.throwIfAborted();
    const ready = this.#clients.filter((client) => client.status === 'ready').length;
    if (ready < this.quorum) throw this.unreachable(kind);
  }

  /**
   * The error for "no majority answers", with what each missing server last said. Where the servers that refuse our password alone
   * prevent a majority, it is one of configuration: waiting does not help.
   */
  unreachable(kind: string, failures?: ReadonlyMap<RedisClient, string>): Error {
    const complaints = this.#clients.flatMap((client) => {
      const failure = failures?.get(client);
      if (failure === undefined && client.status === 'ready') return [];
      return [{ client, complaint: failure ?? this.#complaints.get(client) ?? client.status }];
    });
    const missing = complaints.map(
      ({ client: { options }, complaint }) =>
        `${options.host ?? 'socket'}:${options.port ?? ''} ${complaint}`,
    );
    const refusing = complaints.filter(({ complaint }) => REFUSALS.has(complaint)).length;
    if (this.#clients.length - refusing < this.quorum) {
      return coordinatorMisconfigured(
        `The ${kind} coordinator's servers answer, but ${refusing} of ${this.#clients.length} refuse the user or the password (${missing.join('; ')}).`,
        'Correct user and password in the URLs (redis://user:password@host:6379, percent-encoded) or in connection; NOPERM: let that user run EVAL, EVALSHA, GET, SET, DEL and PEXPIRE on the keys of the lock.',
      );
    }
    return coordinatorUnreachable(
      kind,
      `${missing.length} of ${this.#clients.length} servers do not answer, ${this.quorum} are needed (${missing.join('; ')})`,
    );
  }

  /** Closes connections that were made here; those of the user stay. */
  close(): void {
    if (!this.#owned) return;
    for (const client of this.#clients) client.disconnect();
  }
}

/** A server as redlock 4 wants it; notes how the first command of an acquisition ended. */
export function recordingServer(
  client: RedisClient,
  failures: Map<RedisClient, string>,
): RedlockServer {
  let answered = false;
  const run = (
    command: Promise<unknown>,
    done: (error: Error | null, response?: unknown) => void,
  ): void => {
    command.then(
      (response) => {
        answered = true;
        done(null, response);
      },
      (error: unknown) => {
        const failure = error instanceof Error ? error : new Error('not an error');
        // NOSCRIPT is redlock's own first try; what it does after the first answer is clean-up.
        if (!failure.message.startsWith('NOSCRIPT')) {
          if (!answered && !failures.has(client)) failures.set(client, errorCode(failure));
          answered = true;
        }
        done(failure);
      },
    );
  };
  return {
    evalsha: (sha1, [keys, ...args], done) =>
      run(client.evalsha(sha1, Number(keys), ...args), done),
    eval: ([script, keys, ...args], done) =>
      run(client.eval(String(script), Number(keys), ...args), done),
  };
}

/** A word about a failure that cannot hold a secret: a system code, or the first word of Redis's answer. */
function errorCode(error: Error): string {
  if ('code' in error && typeof error.code === 'string' && /^[A-Z_]+$/.test(error.code)) {
    return error.code;
  }
  const [word] = error.message.replace(/^Ready check failed: /, '').split(' ', 1);
  if (word !== undefined && /^[A-Z]{4,}$/.test(word)) return word;
  if (error.message.startsWith('Command timed out')) return 'timed out';
  return 'not connected';
}

async function settled(client: RedisClient, ms: number, signal: AbortSignal): Promise<void> {
  if (client.status === 'wait') void client.connect().catch(() => undefined);
  if (client.status !== 'connecting' && client.status !== 'connect') return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      client.off('ready', done);
      client.off('close', done);
      client.off('end', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    client.once('ready', done);
    client.once('close', done);
    client.once('end', done);
    if (signal.aborted) done();
  });
}
