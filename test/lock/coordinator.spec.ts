import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Coordinator } from '../../src/lock/lock.js';
import { redlock } from '../../src/lock/redlock/index.js';
import { unlock } from '../../src/lock/unlock.js';
import { servers, startRedis } from '../servers/index.js';
import { LockWorld } from './lock-world.js';
import { until } from '../waiting/until.js';

/** Defends promise 1: a coordinator is never the authority, and never decides alone. */
describe('a coordinator in front of the database', () => {
  let world: LockWorld;
  let coordinator: Coordinator;
  beforeAll(async () => {
    world = await LockWorld.create('postgres18');
  });
  afterAll(() => world.end());
  beforeEach(async () => {
    coordinator = redlock({ urls: await servers.redis(), ttlMs: 3000 });
  });
  afterEach(() => coordinator.close());

  it('is taken before the session lock and given back after it', async () => {
    await world.run(
      async (held) => {
        held.assertHeld();
        await expect(
          world.run(() => Promise.resolve(), { coordinator, waitMs: 0 }),
        ).rejects.toMatchObject({ code: 'LOCK_WAIT_TIMEOUT', details: { holder: held.holder.id } });
      },
      { coordinator },
    );

    await expect(
      world.run(() => Promise.resolve(), { coordinator, waitMs: 0 }),
    ).resolves.toMatchObject({ ran: true });
  });

  it('is given back when the session lock is held by a runner without it', async () => {
    const holding = await world.hold();
    let waits = false;
    const waiting = world.run(() => Promise.resolve('done'), {
      coordinator,
      onWait: () => {
        waits = true;
      },
    });
    await until('it waits', () => waits);
    holding.release();

    expect(await waiting).toMatchObject({ value: 'done' });
    await holding.ended;
  });

  it('that cannot be reached stops the run with 3 before anything is touched; without it the run goes on the locks of the database', async () => {
    const fresh = await LockWorld.create('postgres18');
    const gone = await startRedis();
    await gone.stop();
    const unreachable = redlock({ urls: gone.url, ttlMs: 3000 });

    await expect(
      fresh.run(() => Promise.resolve(), { coordinator: unreachable, waitMs: 300 }),
    ).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE', exitCode: 3 });
    expect(await fresh.admin.query(`select 1 from pg_namespace where nspname = 'drizzle'`)).toEqual(
      [],
    );
    await expect(
      fresh.run(() => Promise.resolve('done'), { coordinator: null }),
    ).resolves.toMatchObject({ value: 'done' });
    await unreachable.close();
    await fresh.end();
  });

  it('that comes back within the wait is used', async () => {
    const late = await startRedis();
    await late.kill();
    const made = redlock({ urls: late.url, ttlMs: 3000 });
    let waits = false;
    const waiting = world.run(() => Promise.resolve('done'), {
      coordinator: made,
      onWait: () => {
        waits = true;
      },
    });
    await until('it waits', () => waits);
    await late.restart();

    expect(await waiting).toMatchObject({ value: 'done' });
    await made.close();
    await late.stop();
  });

  it('that loses the lease aborts the run, while the session lock keeps everybody else out', async () => {
    const redis = await startRedis();
    const made = redlock({ urls: redis.url, ttlMs: 1000, commandTimeoutMs: 200 });
    const losing = world.run(
      async (held) => {
        await redis.restart();
        await until('the lease is lost', () => held.lost.aborted);
        await expect(
          world.run(() => Promise.resolve(), { coordinator: made, waitMs: 0 }),
        ).rejects.toMatchObject({ code: 'LOCK_WAIT_TIMEOUT' });
        // The session lives: what was written so far may still be recorded.
        await held.checkFence(held.session);
        held.assertHeld();
      },
      { coordinator: made },
    );

    await expect(losing).rejects.toMatchObject({ code: 'LOCK_LOST', exitCode: 3 });
    await made.close();
    await redis.stop();
  });

  it('has its key deleted by unlock, so that the successor need not wait for it to expire', async () => {
    const holding = await world.hold({ coordinator });
    const unlocker = await world.session();

    const done = await unlock({
      session: unlocker,
      scope: world.scope,
      location: world.location,
      holderId: holding.lock.holder.id,
      terminate: true,
      coordinator,
      signal: new AbortController().signal,
    });
    expect(done).toMatchObject({ terminated: true, coordinatorError: null });
    await expect(
      world.run(() => Promise.resolve(), { coordinator, waitMs: 0 }),
    ).resolves.toMatchObject({ ran: true });
    holding.release();
    await Promise.allSettled([holding.ended]);
  });
});
