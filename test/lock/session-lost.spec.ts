import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kinds } from '../servers/index.js';
import { LockWorld } from './lock-world.js';
import { until } from '../waiting/until.js';

/** Defends promise 1: losing the session is losing the lock, and the next run goes on. */
describe.each(kinds)('a runner whose session ends on $name', ({ server, dialect }) => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await LockWorld.create(server);
  });
  afterAll(() => world.end());

  it('is told so, sends nothing more, and leaves the lock to the next one', async () => {
    const dying = world.run(async (held) => {
      const end = dialect === 'postgresql' ? 'select pg_terminate_backend' : 'kill';
      await world.admin.query(`${end} (${held.session.backendId})`);
      await until('the loss is noticed', () => held.lost.aborted);
      held.assertHeld();
    });

    await expect(dying).rejects.toMatchObject({ code: 'SESSION_LOST', exitCode: 6 });
    await expect(
      world.run((held) => Promise.resolve(held.fence), { waitMs: 5000 }),
    ).resolves.toMatchObject({ value: '2' });
  });
});
