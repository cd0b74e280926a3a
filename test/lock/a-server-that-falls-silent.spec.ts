import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kinds } from '../servers/index.js';
import { LockWorld } from './lock-world.js';
import { type SilentProxy, silentProxy } from './silent-proxy.js';

/** Defends promise 2: nothing hangs without a word, whatever the network swallows. */
describe.each(kinds)('$name falls silent', ({ server }) => {
  let world: LockWorld;
  let proxy: SilentProxy;
  beforeAll(async () => {
    world = await LockWorld.create(server);
    proxy = await silentProxy(world.admin.url);
    await world.run(() => Promise.resolve());
  });
  afterAll(async () => {
    await proxy.close();
    await world.end();
  });

  it('while a stopped run waits for it: the run ends in time with the reason of the stop, and the lock is free', async () => {
    const stop = new AbortController();
    const stopped = world.run(
      async ({ session }) => {
        void proxy.silence();
        stop.abort(new Error('told to stop'));
        await session.query('select 1');
      },
      { database: world.database(proxy.url), signal: stop.signal, stopMs: 100 },
    );
    await expect(stopped).rejects.toThrow('told to stop');
    await expect(world.run(({ fence }) => Promise.resolve(fence))).resolves.toMatchObject({
      ran: true,
    });
  });

  it('while it is asked: the run is given up with UNREACHABLE', async () => {
    const second = await silentProxy(world.admin.url);
    const given = world.run(
      () => Promise.reject(new Error('ran')),
      { database: world.database(second.url), answerMs: 200 },
      async (session) => {
        void second.silence();
        await session.query('select 1');
        return false;
      },
    );
    await expect(given).rejects.toMatchObject({ code: 'UNREACHABLE', exitCode: 6 });
    await second.close();
  });
});
