import { afterEach, describe, expect, it } from '@jest/globals';
import { databases, servers } from '../servers/index.js';
import { attemptsOf } from './consistent-ledger.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';

const TAG = '0001_work';
let world: FaultWorld;
afterEach(() => world.end());

/** Defends promise 1 and 2 for a stop in order: nothing held, nothing half, the state by its name. */
describe.each(databases)('a signal on $name', ({ server, dialect }) => {
  const slow =
    dialect === 'postgresql'
      ? `INSERT INTO effects SELECT 'slow' FROM pg_sleep(60)`
      : `INSERT INTO effects SELECT concat('slow', sleep(60))`;
  const file = (middle: string): string =>
    statements(effect('one'), 'CREATE TABLE made (id int)', middle, effect('two'));

  async function create(): Promise<void> {
    world = await FaultWorld.create(await servers[server](), [INIT, { tag: TAG, sql: file(slow) }]);
  }

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '%s to the holder: exit %i, on record as interrupted, released; the next run goes on',
    async (name, code) => {
      await create();
      const runner = world.runner();
      await runner.began(TAG, 3);
      runner.signal(name);
      const { exitCode, document } = await runner.finished;
      expect([exitCode, document?.error?.code]).toEqual([code, `INTERRUPTED_${name}`]);
      expect(await attemptsOf(world.database, TAG)).toEqual([
        dialect === 'mysql' ? 'interrupted 2/-' : 'interrupted 0/-',
      ]);
      expect(await world.lockIsHeld()).toBe(false);

      await world.journal.edit(TAG, file(effect('quick')));
      expect((await world.runner().finished).exitCode).toBe(0);
      expect(await world.differences()).toEqual([]);
    },
  );

  it('SIGTERM to one that waits: gone in under a second, exit 143, the holder undisturbed', async () => {
    await create();
    const holder = world.runner();
    await holder.began(TAG, 3);
    const waiter = world.runner();
    await waiter.seen('it waits', (event) => event.type === 'lock.waiting');
    const began = performance.now();
    waiter.signal('SIGTERM');
    const { exitCode, document } = await waiter.finished;
    expect(performance.now() - began).toBeLessThan(1000);
    expect([exitCode, document?.error?.code]).toEqual([143, 'INTERRUPTED_SIGTERM']);
    expect(holder.ended).toBe(false);
    expect(await world.lockIsHeld()).toBe(true);
  });
});
