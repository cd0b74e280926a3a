import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withTransaction } from '../../src/database/with-transaction.js';
import { inspectLock } from '../../src/lock/inspect.js';
import { unlock, type UnlockRequest } from '../../src/lock/unlock.js';
import { kinds } from '../servers/index.js';
import { LockWorld, type Holding } from './lock-world.js';
import { until } from '../waiting/until.js';

describe.each(kinds)('unlock on $name', ({ server }) => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await LockWorld.create(server);
  });
  afterAll(() => world.end());

  async function request(
    holderId: string,
    overrides: Partial<UnlockRequest> = {},
  ): Promise<UnlockRequest> {
    return {
      session: await world.session(),
      scope: world.scope,
      location: world.location,
      holderId,
      terminate: false,
      coordinator: null,
      signal: new AbortController().signal,
      ...overrides,
    };
  }

  /** Makes a holder look as one whose process was stopped a while ago. */
  async function goesQuiet(): Promise<void> {
    const ago = world.dialect === 'postgresql' ? `interval '1 minute'` : 'interval 1 minute';
    await world.admin.query(
      `update ${world.lockTable} set heartbeat_at = heartbeat_at - ${ago} where part = 'lease'`,
    );
  }

  async function ended(holding: Holding): Promise<void> {
    holding.release();
    await Promise.allSettled([holding.ended]);
  }

  it('refuses while the heartbeat is fresh, and touches nothing', async () => {
    const holding = await world.hold();

    await expect(unlock(await request(holding.lock.holder.id))).rejects.toMatchObject({
      code: 'REFUSED_UNLOCK',
      exitCode: 7,
    });
    await holding.lock.checkFence(holding.lock.session);
    await ended(holding);
  });

  it('ends the session of a fresh holder when told to terminate', async () => {
    const holding = await world.hold();
    const { id, fence } = holding.lock.holder;

    const done = await unlock(await request(id, { terminate: true }));
    expect(done).toMatchObject({ terminated: true, holder: { id }, coordinatorError: null });
    expect(BigInt(done.fence)).toBe(BigInt(fence ?? '0') + 1n);
    await until('the holder notices', () => holding.lock.lost.aborted);
    await ended(holding);
    await expect(world.run(() => Promise.resolve(), { waitMs: 0 })).resolves.toBeDefined();
  });

  it('ends the session of a holder that went quiet', async () => {
    const holding = await world.hold();
    await goesQuiet();

    await expect(unlock(await request(holding.lock.holder.id))).resolves.toMatchObject({
      terminated: true,
    });
    await ended(holding);
  });

  it('refuses when another holder has taken over, and does not touch that one', async () => {
    const old = await world.hold();
    await ended(old);
    const current = await world.hold();

    await expect(
      unlock(await request(old.lock.holder.id, { terminate: true })),
    ).rejects.toMatchObject({
      code: 'REFUSED_UNLOCK',
      details: { holder: current.lock.holder.id },
    });
    await current.lock.checkFence(current.lock.session);
    await ended(current);
  });

  it('refuses when the holder has given the lock back, or is unknown', async () => {
    const holding = await world.hold();
    await ended(holding);

    for (const id of [holding.lock.holder.id, randomUUID()]) {
      await expect(unlock(await request(id))).rejects.toMatchObject({ code: 'REFUSED_UNLOCK' });
    }
  });

  it('raises the fence of a holder whose session is gone already', async () => {
    const holding = await world.hold();
    await holding.lock.session.close();

    const done = await unlock(await request(holding.lock.holder.id));
    expect(done).toMatchObject({ terminated: false });
    await ended(holding);
  });

  it('says so when its role may not end that session, and changes nothing', async () => {
    const holding = await world.hold();
    const role = await world.admin.createUser((to) =>
      world.dialect === 'postgresql'
        ? [
            `grant usage on schema drizzle to ${to}`,
            `grant select, update on drizzle.migration_lock to ${to}`,
          ]
        : [`grant select, update on ${world.admin.name}.* to ${to}`],
    );

    await expect(
      unlock(
        await request(holding.lock.holder.id, {
          terminate: true,
          session: await world.session(role.url),
        }),
      ),
    ).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE', exitCode: 64 });
    await holding.lock.checkFence(holding.lock.session);
    await ended(holding);
    await role.drop();
  });

  it('shows a role that may not read our tables that the lock is held, without failing its transaction', async () => {
    const holding = await world.hold();
    const role = await world.admin.createUser((to) =>
      world.dialect === 'postgresql'
        ? []
        : [`grant create on ${world.admin.name}.nothing to ${to}`],
    );
    const reader = await world.session(role.url);

    const seen = await withTransaction(reader, { readOnly: true }, async () => {
      const inspected = await inspectLock(reader, world.scope, world.location);
      await reader.query('select 1');
      return inspected;
    });
    expect(seen).toMatchObject({ held: true, holder: null, row: null });
    expect(seen.session?.pid).toBe(holding.lock.session.backendId);
    await ended(holding);
    await reader.close();
    await role.drop();
  });

  it('shows who has the lock, and who waits', async () => {
    const reader = await world.session();
    const before = await inspectLock(reader, world.scope, world.location);
    expect(before).toMatchObject({ held: false, holder: null, crashed: null, session: null });

    const holding = await world.hold({ holder: world.holder('orders') });
    const stop = new AbortController();
    let waiting = false;
    const waiter = world.run(() => Promise.resolve(), {
      signal: stop.signal,
      onWait: () => {
        waiting = true;
      },
    });
    await until('it waits', () => waiting);

    const during = await inspectLock(reader, world.scope, world.location);
    expect(during).toMatchObject({
      held: true,
      holder: { app: 'orders', fence: holding.lock.fence },
      session: { pid: holding.lock.session.backendId },
    });
    expect(during.holder?.heartbeatAgeMs).toBeLessThan(15_000);
    // MariaDB keeps connection attributes in its performance schema, which is off by default.
    expect(during.waiters).toHaveLength(server === 'mariadb' ? 0 : 1);
    expect(JSON.stringify(during)).not.toContain('select');

    stop.abort(new Error('over'));
    await Promise.allSettled([waiter]);
    await holding.lock.session.close();
    const after = await inspectLock(reader, world.scope, world.location);
    expect(after).toMatchObject({ held: false, holder: null, crashed: { app: 'orders' } });
    await ended(holding);
  });
});
