import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MigratorError } from '../../src/errors.js';
import type { HolderInfo } from '../../src/lock/lock.js';
import { LockWorld } from './lock-world.js';
import { silentProxy } from './silent-proxy.js';
import { until } from '../waiting/until.js';

describe.each([
  { name: 'Postgres 18', server: 'postgres18' },
  { name: 'MySQL 9.7', server: 'mysql' },
  { name: 'MariaDB 10.11', server: 'mariadb' },
] as const)('waiting for another runner on $name', ({ server }) => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await LockWorld.create(server);
    await world.run(() => Promise.resolve());
  });
  afterAll(() => world.end());

  it('waiters leave with success as soon as nothing is left to do, while the lock is still held', async () => {
    const holding = await world.hold();
    let current = false;
    let waiting = 0;
    const waiters = Array.from({ length: 5 }, () =>
      world.run(
        () => Promise.reject(new Error('the work must not be repeated')),
        { onWait: () => void waiting++ },
        () => Promise.resolve(current),
      ),
    );
    await until('all five wait', () => waiting === 5);
    current = true;

    for (const result of await Promise.all(waiters)) {
      expect(result).toMatchObject({ ran: false, reason: 'already-current' });
    }
    holding.release();
    await holding.ended;
    expect((await world.row())['holder_id']).toBe(holding.lock.holder.id);
  });

  it('reads the ledger again under the lock, and then takes no number', async () => {
    const before = (await world.row())['fence'];
    let reads = 0;
    const result = await world.run(
      () => Promise.reject(new Error('the work must not be repeated')),
      {},
      () => Promise.resolve(++reads === 2),
    );

    expect(result).toMatchObject({ ran: false });
    expect((await world.row())['fence']).toEqual(before);
    await expect(world.run(() => Promise.resolve(), { waitMs: 0 })).resolves.toBeDefined();
  });

  it('says at once whom it waits for, and gives up with the name, the age and the commands', async () => {
    const holding = await world.hold({ holder: world.holder('orders') });
    const seen: (HolderInfo | null)[] = [];
    const waiting = world.run(() => Promise.resolve(), {
      waitMs: 100,
      onWait: (holder) => void seen.push(holder),
    });

    const error = await waiting.catch((thrown: unknown) => thrown as MigratorError);
    expect(error).toBeInstanceOf(MigratorError);
    expect(error).toMatchObject({
      code: 'LOCK_WAIT_TIMEOUT',
      exitCode: 3,
      details: { holder: holding.lock.holder.id, holderApp: 'orders', holderRelease: '1.2.3' },
    });
    const { message, remedy } = error as MigratorError;
    expect(message).toContain('orders on ');
    expect(remedy).toContain('nest-migrate status');
    expect(remedy).toContain(`nest-migrate unlock --holder ${holding.lock.holder.id}`);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.id).toBe(holding.lock.holder.id);
    holding.release();
    await holding.ended;
  });

  it('does not wait when told so', async () => {
    const holding = await world.hold();
    const began = performance.now();

    await expect(world.run(() => Promise.resolve(), { waitMs: 0 })).rejects.toMatchObject({
      code: 'LOCK_WAIT_TIMEOUT',
    });
    expect(performance.now() - began).toBeLessThan(2000);
    holding.release();
    await holding.ended;
  });

  it('leaves at once when it is stopped, and leaves no lock behind', async () => {
    const holding = await world.hold();
    const stop = new AbortController();
    const reason = new MigratorError('INTERRUPTED_SIGTERM', {
      message: 'stopped',
      remedy: 'again',
    });
    const waiting = world.run(() => Promise.resolve(), {
      signal: stop.signal,
      pollMinMs: 5000,
      pollMaxMs: 5000,
      onWait: () => setImmediate(() => stop.abort(reason)),
    });
    const began = performance.now();

    await expect(waiting).rejects.toBe(reason);
    expect(performance.now() - began).toBeLessThan(1000);
    holding.release();
    await holding.ended;
    await expect(world.run(() => Promise.resolve(), { waitMs: 0 })).resolves.toBeDefined();
  });

  it('leaves at once when it is stopped while the server does not answer', async () => {
    const proxy = await silentProxy(world.admin.url);
    const stop = new AbortController();
    const reason = new Error('stopped');
    let stoppedAt = Infinity;
    const waiting = world.run(
      () => Promise.reject(new Error('there was no lock to be had')),
      { database: world.database(proxy.url), signal: stop.signal },
      () => {
        void proxy.silence().then(() => {
          stoppedAt = performance.now();
          stop.abort(reason);
        });
        return Promise.resolve(false);
      },
    );

    await expect(waiting).rejects.toBe(reason);
    expect(performance.now() - stoppedAt).toBeLessThan(2000);
    await proxy.close();
  });
});
