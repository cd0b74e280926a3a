import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, type DatabaseServer, type ManagedServer } from '../servers/index.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';
import { until } from '../waiting/until.js';

/** Defends promise 2: what a run reported as done is done, whatever happens to the server a moment later. */
describe.each([18, 15] as const)(
  'a run on Postgres %i whose server dies when its work is done',
  (version) => {
    let own: ManagedServer & DatabaseServer;
    let world: FaultWorld;
    beforeAll(async () => {
      // Nothing but a commit that waits for the disk gets there within ten seconds.
      own = await startPostgres({ version, settings: { wal_writer_delay: '10s' } });
    });
    afterEach(() => world.end());
    afterAll(() => own.stop());

    it('has lost nothing, although it could not say goodbye', async () => {
      world = await FaultWorld.create(own, [
        INIT,
        { tag: '0001_more', sql: statements(effect('more')) },
        { tag: '0002_last', sql: statements(effect('last')) },
      ]);
      const runner = world.runner({
        preload: ['stand-still.mjs'],
        env: { STAND_STILL_BEFORE: 'update "drizzle"."migration_lock" set released_at' },
      });
      await until('its work is done', () => runner.isStopped());
      await own.kill('SIGQUIT');
      await own.restart();
      runner.signal('SIGCONT');

      const { document } = await runner.finished;
      expect(document).toMatchObject({ ok: true, result: { outcome: 'applied' } });
      expect(await world.effects()).toEqual(['init', 'last', 'more']);
      expect(await world.differences()).toEqual([]);
    });
  },
);
