import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createHolder } from '../../src/lock/holder.js';
import type { Coordinator, HolderInfo, Lease } from '../../src/lock/lock.js';
import { redlock } from '../../src/lock/redlock/index.js';
import { startRedis } from '../servers/index.js';
import { until } from '../waiting/until.js';

const TTL_MS = 1000;

/** Defends promise 1 as far as a coordinator can: it knows when its lease is or may be gone (locks.md 7.4, 7.5). */
describe('a Redlock lease on three servers', () => {
  let nodes: Awaited<ReturnType<typeof startRedis>>[];
  const coordinators: Coordinator[] = [];
  const never = new AbortController().signal;
  let scope = '';

  beforeAll(async () => {
    nodes = await Promise.all([startRedis(), startRedis(), startRedis()]);
  });
  afterEach(async () => {
    await Promise.all(coordinators.splice(0).map((coordinator) => coordinator.close()));
    for (const node of nodes) {
      if (node.running) node.resume();
      else await node.restart();
    }
  });
  afterAll(() => Promise.all(nodes.map((node) => node.stop())));

  function coordinator(options: object = {}): Coordinator {
    const made = redlock({
      urls: nodes.map((node) => node.url),
      ttlMs: TTL_MS,
      commandTimeoutMs: 200,
      ...options,
    });
    coordinators.push(made);
    return made;
  }

  function holder(): HolderInfo {
    return createHolder({ id: randomUUID(), app: 'test', startedAt: Date.now() });
  }

  async function take(by: Coordinator = coordinator(), who: HolderInfo = holder()): Promise<Lease> {
    scope = randomUUID();
    const lease = await by.tryAcquire(scope, who, never);
    if (lease === null) throw new Error('not acquired');
    return lease;
  }

  function reason(lease: Lease): unknown {
    return (lease.lost.reason as { details?: { reason?: unknown } }).details?.reason;
  }

  it('has one winner, and another after the release', async () => {
    const [one, other] = [coordinator(), coordinator()];
    const lease = await take(one);
    expect(await other.tryAcquire(scope, holder(), never)).toBeNull();

    await lease.release();
    const next = await other.tryAcquire(scope, holder(), never);
    expect(next).not.toBeNull();
    await next?.release();
  });

  it('is kept alive beyond its time to live', async () => {
    const lease = await take();
    const other = coordinator();
    const began = performance.now();
    await until('two lifetimes', async () => {
      lease.assertHeld();
      expect(await other.tryAcquire(scope, holder(), never)).toBeNull();
      return performance.now() - began > 2 * TTL_MS;
    });
    await lease.release();
  });

  it.each(['stopped', 'hung'] as const)(
    'is taken and kept while one of three is %s',
    async (how) => {
      if (how === 'stopped') await nodes[0]?.kill();
      else nodes[0]?.pause();
      const began = performance.now();
      const lease = await take();
      expect(performance.now() - began).toBeLessThan(TTL_MS);

      await until('one and a half lifetimes', () => performance.now() - began > 1.5 * TTL_MS);
      lease.assertHeld();
      expect(await coordinator().tryAcquire(scope, holder(), never)).toBeNull();
      await lease.release();
    },
  );

  it('is lost at the end of its life when two of three hang', async () => {
    const lease = await take();
    nodes[0]?.pause();
    nodes[1]?.pause();
    const began = performance.now();

    await until('it is lost', () => lease.lost.aborted);
    expect(performance.now() - began).toBeLessThan(1.5 * TTL_MS);
    expect(() => lease.assertHeld()).toThrow(
      expect.objectContaining({ code: 'LOCK_LOST', exitCode: 3 }),
    );
    expect(reason(lease)).toBe('no-quorum');
    await lease.release();
  });

  it('is lost when two of three restart empty', async () => {
    const lease = await take(coordinator({ ttlMs: 3000 }));
    await Promise.all([nodes[0]?.restart(), nodes[1]?.restart()]);

    await until('it is lost', () => lease.lost.aborted);
    expect(reason(lease)).toBe('denied');
    // Whoever comes now gets it: only the fence keeps the first from writing.
    const second = await coordinator().tryAcquire(scope, holder(), never);
    expect(second).not.toBeNull();
    await second?.release();
    await lease.release();
  });

  it('is lost when all are gone', async () => {
    const lease = await take();
    await Promise.all(nodes.map((node) => node.kill()));

    await until('it is lost', () => lease.lost.aborted);
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }));
    await lease.release();
  });

  it.each([3_600_000, -3_600_000])('does not believe a clock that jumps by %d ms', async (jump) => {
    const lease = await take();
    const began = performance.now();
    const real = Date.now;
    Date.now = () => real() + jump;
    try {
      await until('one and a half lifetimes', () => performance.now() - began > 1.5 * TTL_MS);
      lease.assertHeld();
      nodes[0]?.pause();
      nodes[1]?.pause();
      await until('it is lost in time', () => lease.lost.aborted, 2 * TTL_MS);
      expect(reason(lease)).toBe('no-quorum');
    } finally {
      Date.now = real;
    }
    await lease.release();
  });

  it('is known to be lost before the next write when the event loop was blocked for longer than it lasts', async () => {
    const lease = await take();
    const until = performance.now() + TTL_MS;
    while (performance.now() < until);

    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }));
    expect(reason(lease)).toBe('late');
    await lease.release();
  });

  it('can be taken away from its holder, and from no other', async () => {
    const [one, other] = [coordinator(), coordinator()];
    const who = holder();
    const lease = await take(one, who);
    await other.forceRelease(scope, randomUUID());
    expect(await other.tryAcquire(scope, holder(), never)).toBeNull();

    await other.forceRelease(scope, who.id);
    const next = await other.tryAcquire(scope, holder(), never);
    expect(next).not.toBeNull();
    await until('the first notices', () => lease.lost.aborted);
    next?.assertHeld();
    await next?.release();
    await lease.release();
  });

  it('cannot be taken while two of three do not answer, which is not the same as another holder', async () => {
    await nodes[0]?.kill();
    nodes[1]?.pause();
    const began = performance.now();

    const error = await take().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'COORDINATOR_UNREACHABLE', exitCode: 3 });
    expect((error as Error).message).toContain('2 of 3 servers do not answer');
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it.each([
    ['a wrong password', ':c4n4ry-pa55@', 'WRONGPASS'],
    ['no password', '', 'NOAUTH'],
  ])(
    'says so when the servers answer and refuse %s, and repeats none',
    async (_what, login, word) => {
      const locked = await startRedis({ settings: { requirepass: 'other' } });
      const urls = [locked.url.replace('redis://', `redis://${login}`)];

      const error = await take(coordinator({ urls })).catch((thrown: unknown) => thrown);
      await locked.stop();
      expect(error).toMatchObject({
        code: 'COORDINATOR_MISCONFIGURED',
        exitCode: 64,
        message: expect.stringContaining(word) as unknown as string,
      });
      expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('c4n4ry');
    },
  );

  it('works with clients of the user, which stay open', async () => {
    const clients = nodes.map(
      (node) =>
        new Redis(node.url, {
          commandTimeout: 200,
          enableOfflineQueue: false,
          maxRetriesPerRequest: 0,
          lazyConnect: true,
          disconnectTimeout: 200,
        }),
    );
    const made = redlock({ clients, ttlMs: TTL_MS });
    const lease = await take(made);
    await lease.release();
    await made.close();

    expect(clients.map((client) => client.status)).toEqual(['ready', 'ready', 'ready']);
    for (const client of clients) client.disconnect();
  });
});
