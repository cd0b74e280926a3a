import { coordinatorMisconfigured } from '../lock-errors.js';
import type { RedisClient } from './client.js';

interface CommonOptions {
  /**
   * Milliseconds that the lease lasts without a heartbeat; it is renewed every third of it. A holder that is killed holds
   * up its successor for at most this long.
   * @default 30000
   */
  readonly ttlMs?: number;
  /** What the keys begin with, where several environments share the servers. @default 'nest-migrate' */
  readonly prefix?: string;
}

/** Servers by address; the connections are made and closed by the coordinator. */
export interface RedlockUrlOptions extends CommonOptions {
  /**
   * One `redis://` or `rediss://` URL a server, as an array or separated by commas. Three or five independent masters: not
   * replicas, not the nodes of one cluster. With one, the coordinator is only as available as that one.
   */
  readonly urls: string | readonly string[] | undefined;
  /**
   * Milliseconds that a connection attempt or a command may take before that server counts as not answering.
   * @default 400
   */
  readonly commandTimeoutMs?: number;
  /** More ioredis options, such as `tls`, `username`, `password`; those the lock depends on cannot be changed here. */
  readonly connection?: Readonly<Record<string, unknown>>;
}

/** Clients of the user's own, never closed by us. */
export interface RedlockClientOptions extends CommonOptions {
  /** ioredis clients, each with `commandTimeout` well under a third of `ttlMs` and `enableOfflineQueue: false`. */
  readonly clients: readonly RedisClient[];
}

/** Options of {@link redlock}. */
export type RedlockOptions = RedlockUrlOptions | RedlockClientOptions;

/** Options with their defaults, checked. */
export interface ResolvedOptions {
  readonly ttlMs: number;
  readonly prefix: string;
  readonly source:
    | { readonly kind: 'clients'; readonly clients: readonly RedisClient[] }
    | {
        readonly kind: 'urls';
        readonly urls: readonly URL[];
        readonly commandTimeoutMs: number;
        readonly connection: Readonly<Record<string, unknown>>;
      };
}

const DEFAULT_TTL_MS = 30_000;
const DEFAULT_COMMAND_TIMEOUT_MS = 400;
/** A TTL below this cannot be told from a pause of the garbage collector or a slow network. */
const SHORTEST_TTL_MS = 1000;

/**
 * Checks the options, before anything is connected to. No message repeats a URL: it holds a password.
 * @throws {MigratorError} `COORDINATOR_MISCONFIGURED`
 */
export function resolveOptions(options: RedlockOptions): ResolvedOptions {
  const { ttlMs = DEFAULT_TTL_MS, prefix = 'nest-migrate' } = options;
  if (!Number.isInteger(ttlMs) || ttlMs < SHORTEST_TTL_MS) {
    throw coordinatorMisconfigured(
      `redlock: ttlMs is ${String(ttlMs)}; it must be a whole number of at least ${SHORTEST_TTL_MS} milliseconds.`,
      'Leave ttlMs out (30000), or set it to a few seconds at least.',
    );
  }
  if (typeof prefix !== 'string' || prefix === '') {
    throw coordinatorMisconfigured(
      'redlock: prefix must be a text that is not empty.',
      'Leave prefix out, or set it to a text such as "nest-migrate-staging".',
    );
  }
  if ('clients' in options && options.clients !== undefined) {
    checkClients(options.clients, ttlMs);
    return { ttlMs, prefix, source: { kind: 'clients', clients: options.clients } };
  }
  const {
    urls,
    commandTimeoutMs = DEFAULT_COMMAND_TIMEOUT_MS,
    connection = {},
  } = options as RedlockUrlOptions;
  if (!Number.isInteger(commandTimeoutMs) || commandTimeoutMs < 1 || commandTimeoutMs * 3 > ttlMs) {
    throw coordinatorMisconfigured(
      `redlock: commandTimeoutMs is ${String(commandTimeoutMs)}; it must be positive and at most a third of ttlMs (${ttlMs}).`,
      'Leave commandTimeoutMs out (400), or raise ttlMs.',
    );
  }
  return {
    ttlMs,
    prefix,
    source: { kind: 'urls', urls: parseUrls(urls), commandTimeoutMs, connection },
  };
}

/**
 * Without `commandTimeout` one hung server stalls an acquisition for longer than the lease lasts, and an offline queue sends
 * a lock command when nobody waits for it any more (both measured, locks.md 7.4).
 */
function checkClients(clients: readonly RedisClient[], ttlMs: number): void {
  if (!Array.isArray(clients) || clients.length === 0) {
    throw coordinatorMisconfigured(
      'redlock: clients is empty.',
      'Pass one ioredis client a server, or urls.',
    );
  }
  clients.forEach((client: RedisClient & { readonly isCluster?: boolean }, index) => {
    const which = `redlock: clients[${index}]`;
    if (typeof client?.evalsha !== 'function' || typeof client.options !== 'object') {
      throw coordinatorMisconfigured(
        `${which} is not an ioredis client.`,
        'Pass ioredis clients (new Redis(...)), or urls.',
      );
    }
    if (client.isCluster === true) {
      throw coordinatorMisconfigured(
        `${which} is a cluster client; the majority of Redlock needs independent servers, and a failover inside a cluster loses the lock.`,
        'Pass one client for each of three or five independent servers.',
      );
    }
    const { commandTimeout, enableOfflineQueue } = client.options;
    if (typeof commandTimeout !== 'number' || commandTimeout < 1 || commandTimeout * 3 > ttlMs) {
      throw coordinatorMisconfigured(
        `${which} has ${typeof commandTimeout === 'number' ? `commandTimeout ${commandTimeout}` : 'no commandTimeout'}: one hung server would hold up the lock for longer than it lasts.`,
        `Create it with { commandTimeout: 400 } (at most a third of ttlMs, ${ttlMs}), or pass urls.`,
      );
    }
    if (enableOfflineQueue !== false) {
      throw coordinatorMisconfigured(
        `${which} has its offline queue on: it would send a lock command when nobody waits for it any more.`,
        'Create it with { enableOfflineQueue: false }, or pass urls.',
      );
    }
  });
}

function parseUrls(urls: string | readonly string[] | undefined): readonly URL[] {
  const list = (typeof urls === 'string' ? urls.split(',') : (urls ?? []))
    .map((url) => (typeof url === 'string' ? url.trim() : ''))
    .filter((url) => url !== '');
  if (list.length === 0) {
    throw coordinatorMisconfigured(
      'redlock: urls is empty.',
      'Pass redis:// URLs, for instance from REDIS_URLS, or leave the coordinator out.',
    );
  }
  const parsed = list.map((url, index) => {
    const known = URL.canParse(url) ? new URL(url) : null;
    if (
      known === null ||
      !['redis:', 'rediss:'].includes(known.protocol) ||
      known.hostname === ''
    ) {
      throw coordinatorMisconfigured(
        `redlock: urls[${index}] is not a redis:// or rediss:// URL (it is not repeated here: it may hold a password).`,
        'Write it as redis://user:password@host:6379; characters such as @ / # in the password are percent-encoded.',
      );
    }
    return known;
  });
  const seen = new Set<string>();
  for (const url of parsed) {
    const address = `${url.hostname}:${url.port === '' ? '6379' : url.port}`;
    if (seen.has(address)) {
      throw coordinatorMisconfigured(
        `redlock: ${address} is named twice; a server that votes twice makes a majority of itself.`,
        'Name each server once; they must be independent of each other.',
      );
    }
    seen.add(address);
  }
  return parsed;
}
