import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kinds } from '../servers/index.js';
import { LockWorld } from './lock-world.js';

describe.each(kinds)('one runner at a time on $name', ({ server }) => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await LockWorld.create(server);
  });
  afterAll(() => world.end());

  it('lets the body run under a number that rises with every run', async () => {
    const first = await world.run((held) => Promise.resolve(held.fence));
    const second = await world.run((held) => Promise.resolve(held.fence));

    expect(first).toMatchObject({ ran: true, value: '1', fence: '1' });
    expect(second).toMatchObject({ ran: true, value: '2' });
  });

  it('serialises runners that start together', async () => {
    let inside = 0;
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 6 }, () =>
        world.run(async (held) => {
          most = Math.max(most, ++inside);
          await held.session.query('select 1');
          await held.checkFence(held.session);
          inside--;
          return BigInt(held.fence);
        }),
      ),
    );

    expect(most).toBe(1);
    const fences = results.map((result) => (result.ran ? result.value : 0n));
    expect(new Set(fences).size).toBe(6);
  });

  it('records the holder and that it said goodbye', async () => {
    const holder = world.holder('orders');
    await world.run(
      async (held) => {
        const row = await world.row();
        expect(row).toMatchObject({ holder_id: holder.id, released_at: null });
        expect(String(row['session_id'])).toBe(held.session.backendId);
        expect(JSON.stringify(row['holder'])).toContain('orders');
      },
      { holder },
    );

    expect((await world.row())['released_at']).not.toBeNull();
  });

  it('gives the lock back when the body fails inside a transaction, and reports the error of the body', async () => {
    const failing = world.run(async (held) => {
      await held.session.query('begin');
      await held.session.query('select no_such_column');
    });

    await expect(failing).rejects.toMatchObject({ name: 'StatementError' });
    expect((await world.row())['released_at']).not.toBeNull();
    await expect(world.run(() => Promise.resolve('next'), { waitMs: 0 })).resolves.toMatchObject({
      value: 'next',
    });
  });
});
