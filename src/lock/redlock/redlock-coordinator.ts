import { loadPackage } from '../../database/load-package.js';
import type { Coordinator, HolderInfo, Lease, Scope } from '../lock.js';
import type { RedisClient, RedlockConstructor } from './client.js';
import { recordingServer, RedisNodes } from './nodes.js';
import { resolveOptions, type RedlockOptions, type ResolvedOptions } from './options.js';
import { RedlockLease, validUntil } from './redlock-lease.js';
import { FORCE_RELEASE, lockKeys } from './scripts.js';

const KIND = 'redlock';

/**
 * An optional outer lock on independent Redis servers, by redlock 4 and ioredis. It keeps runners from queueing at the
 * database; what makes a run safe is the fence in the database, also while Redis is wrong or gone.
 * Checks its options and connects with the first acquisition: a replica never asks for it, and a bad `REDIS_URLS` must not end one
 * while its modules are being imported.
 *
 * @example coordinator: redlock({ urls: process.env.REDIS_URLS })
 */
export function redlock(options: RedlockOptions): Coordinator {
  return new RedlockCoordinator(options);
}

class RedlockCoordinator implements Coordinator {
  readonly kind = KIND;
  readonly #given: RedlockOptions;
  #resolved: ResolvedOptions | undefined;
  #opened: Promise<RedisNodes> | undefined;

  constructor(options: RedlockOptions) {
    this.#given = options;
  }

  /** @throws {MigratorError} `COORDINATOR_MISCONFIGURED`, `COORDINATOR_UNREACHABLE` */
  async tryAcquire(scope: Scope, holder: HolderInfo, signal: AbortSignal): Promise<Lease | null> {
    const { prefix, ttlMs } = this.#options();
    const [nodes, Redlock] = await Promise.all([this.#nodes(), loadRedlock()]);
    await nodes.ready(KIND, signal);
    const keys = lockKeys(prefix, scope, holder.id);
    const failures = new Map<RedisClient, string>();
    // One a try: it remembers nothing between two, and each try counts its own failures.
    const lock = new Redlock(
      nodes.all.map((client) => recordingServer(client, failures)),
      { retryCount: 0, driftFactor: 0.01 },
    );
    const askedAt = performance.now();
    let taken: Awaited<ReturnType<typeof lock.lock>>;
    try {
      taken = await lock.lock([keys.lock, keys.holder], ttlMs);
    } catch {
      // redlock's error is the same for "another has it" and "nobody answers".
      if (nodes.all.length - failures.size < nodes.quorum) throw nodes.unreachable(KIND, failures);
      return null;
    }
    const { value } = taken;
    const giveUp =
      value === null || signal.aborted || performance.now() >= validUntil(askedAt, ttlMs);
    if (giveUp) {
      await Promise.resolve(taken.unlock()).catch(() => undefined);
      signal.throwIfAborted();
      return null;
    }
    return new RedlockLease({
      kind: KIND,
      nodes: nodes.all,
      keys,
      value,
      ttlMs,
      askedAt,
      unlock: () => taken.unlock(),
    });
  }

  /** @throws {MigratorError} `COORDINATOR_MISCONFIGURED`, `COORDINATOR_UNREACHABLE` */
  async forceRelease(scope: Scope, holderId: string): Promise<void> {
    const { prefix } = this.#options();
    const nodes = await this.#nodes();
    await nodes.ready(KIND, new AbortController().signal);
    const keys = lockKeys(prefix, scope, holderId);
    const answers = await Promise.allSettled(
      nodes.all.map((node) => node.eval(FORCE_RELEASE, 2, keys.lock, keys.holder)),
    );
    const answered = answers.filter((answer) => answer.status === 'fulfilled').length;
    if (answered < nodes.quorum) throw nodes.unreachable(KIND);
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    const nodes = await opened?.catch(() => undefined);
    nodes?.close();
  }

  #options(): ResolvedOptions {
    this.#resolved ??= resolveOptions(this.#given);
    return this.#resolved;
  }

  #nodes(): Promise<RedisNodes> {
    this.#opened ??= RedisNodes.open(this.#options().source);
    return this.#opened;
  }
}

async function loadRedlock(): Promise<RedlockConstructor> {
  // Not a literal: redlock 4 ships no types, and those on the registry belong to ioredis 4.
  const name: string = 'redlock';
  const loaded = await loadPackage<{ readonly default: RedlockConstructor }>(
    name,
    () => import(name),
  );
  return loaded.default;
}
