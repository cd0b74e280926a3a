import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createHolder } from '../../src/lock/holder.js';
import { isCoordinator } from '../../src/lock/coordinator.js';
import type { RedisClient } from '../../src/lock/redlock/client.js';
import { resolveOptions, type RedlockOptions } from '../../src/lock/redlock/options.js';
import { redlock } from '../../src/lock/redlock/index.js';

const PASSWORD = 'c4n4ry-pa55';

function client(options: Partial<RedisClient['options']>): RedisClient {
  const resolved = Promise.resolve();
  return {
    status: 'ready',
    options,
    connect: () => resolved,
    disconnect: () => undefined,
    eval: () => resolved,
    evalsha: () => resolved,
    on: () => undefined,
    once: () => undefined,
    off: () => undefined,
  };
}

const good = { commandTimeout: 400, enableOfflineQueue: false };

describe('options of the Redlock coordinator', () => {
  it.each<readonly [string, RedlockOptions]>([
    ['no URL', { urls: undefined }],
    ['an empty text', { urls: ' , ' }],
    ['no redis URL', { urls: [`http://user:${PASSWORD}@host`] }],
    ['a broken URL', { urls: [`redis://:${PASSWORD}@/ x:y`] }],
    ['one server twice', { urls: `redis://:${PASSWORD}@a:6379,redis://a` }],
    ['a lease too short', { urls: 'redis://a', ttlMs: 20 }],
    ['a lease that is no number', { urls: 'redis://a', ttlMs: Number.NaN }],
    [
      'a command time-out too long for the lease',
      { urls: 'redis://a', ttlMs: 1000, commandTimeoutMs: 400 },
    ],
    ['an empty prefix', { urls: 'redis://a', prefix: '' }],
    ['no client', { clients: [] }],
    ['something that is no client', { clients: [{} as RedisClient] }],
    ['a client without commandTimeout', { clients: [client({ enableOfflineQueue: false })] }],
    [
      'a client with a long commandTimeout',
      { clients: [client({ ...good, commandTimeout: 20_000 })] },
    ],
    ['a client with its offline queue on', { clients: [client({ commandTimeout: 400 })] }],
    ['a cluster client', { clients: [Object.assign(client(good), { isCluster: true })] }],
  ])('refuses %s when it is first used, not when a module is imported', async (_what, options) => {
    const coordinator = redlock(options);
    const holder = createHolder({ id: randomUUID(), app: 'test', startedAt: Date.now() });
    const uses = [
      () => coordinator.tryAcquire('scope', holder, new AbortController().signal),
      () => coordinator.forceRelease('scope', holder.id),
    ];
    for (const use of uses) {
      const error: unknown = await use().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'COORDINATOR_MISCONFIGURED', exitCode: 64 });
      expect((error as Error).message).not.toContain(PASSWORD);
    }
    await expect(coordinator.close()).resolves.toBeUndefined();
  });

  it('takes a list or a text with commas, and has defaults', () => {
    for (const urls of ['redis://a, rediss://b:1', ['redis://a', 'rediss://b:1']]) {
      const { prefix, source, ttlMs } = resolveOptions({ urls });
      expect({ prefix, ttlMs }).toEqual({ prefix: 'nest-migrate', ttlMs: 30_000 });
      expect(source.kind === 'urls' && source.urls.map((url) => url.href)).toEqual([
        'redis://a',
        'rediss://b:1',
      ]);
    }
  });

  it('takes clients that cannot stall the lock', () => {
    expect(resolveOptions({ clients: [client(good)] }).source.kind).toBe('clients');
  });

  it('gives something that passes the check at the door, which nothing else does', () => {
    expect(isCoordinator(redlock({ urls: 'redis://a' }))).toBe(true);
    for (const other of [
      null,
      'redlock',
      {},
      { kind: 'x' },
      { kind: '', tryAcquire() {}, forceRelease() {}, close() {} },
    ]) {
      expect(isCoordinator(other)).toBe(false);
    }
  });
});
