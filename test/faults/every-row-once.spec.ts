import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runPass } from '../../src/backfill/run-pass.js';
import type { HeldLock } from '../../src/lock/lock.js';
import type { Session } from '../../src/database/database.js';
import { BackfillWorld, engines } from '../backfill/backfill-world.js';
import { until } from '../waiting/until.js';

/** Defends promise 2: never a row twice and none left out, of a change that would show both. */
describe.each(engines)('n = n + 1 on $name', (version) => {
  let world: BackfillWorld;
  const ROWS = 4000;
  const slow = (seconds?: number) =>
    world.spec({
      set: { n: world.slowly('n + 1', seconds) },
      settings: { ranges: 4, targetMs: 100 },
    });
  const values = async () =>
    (
      await world.query<{ n: number; c: string | number }>(
        'select n, count(*) as c from t group by n',
      )
    ).map(({ n, c }) => [Number(n), Number(c)]);

  beforeEach(async () => {
    world = await BackfillWorld.create(version);
    await world.fill(ROWS);
  });
  afterEach(() => world.drop());

  it('is done once for each row, and says so', async () => {
    const result = await world.asRunner((lock) =>
      runPass(world.spec(), 'backfill', world.deps(lock)),
    );
    expect(result).toMatchObject({ rowsDone: ROWS, rowsChanged: ROWS, failures: [], ranges: 1 });
    expect(await values()).toEqual([[1, ROWS]]);
    expect(world.events.map(({ type }) => type)).toEqual(['backfill.started', 'backfill.finished']);

    // Another run finds it finished.
    await world.asRunner((lock) => runPass(world.spec(), 'backfill', world.deps(lock)));
    expect(await values()).toEqual([[1, ROWS]]);
  });

  it('is done once although the sessions that work are killed again and again', async () => {
    let over = false;
    const run = world
      .asRunner((lock) => runPass(slow(), 'backfill', world.deps(lock)))
      .finally(() => (over = true));
    let killed = 0;
    for (let round = 0; round < 6 && !over; round += 1) {
      const before = await world.rowsDone();
      await until('progress', async () => over || (await world.rowsDone()) > before);
      killed += await world.killWorkers();
    }
    await expect(run).resolves.toMatchObject({ rowsDone: ROWS });
    expect(killed).toBeGreaterThan(0);
    expect(await values()).toEqual([[1, ROWS]]);
  });

  it('is done once although the runner dies with all its sessions', async () => {
    for (const share of [0.2, 0.6]) {
      const sessions: Session[] = [];
      const run = world.asRunner((lock) => {
        sessions.push(lock.session);
        return runPass(
          slow(0.003),
          'backfill',
          world.deps(lock, {
            openWorker: async (name) => {
              const session = await world.worker(name);
              sessions.push(session);
              return session;
            },
          }),
        );
      });
      run.catch(() => undefined);
      await until('progress', async () => (await world.rowsDone()) > ROWS * share);
      await Promise.all(sessions.map((session) => session.close()));
      await expect(run).rejects.toMatchObject({ name: 'MigratorError' });
    }
    const half = await world.rowsDone();
    expect(half).toBeLessThan(ROWS);
    await world.asRunner((lock) => runPass(slow(), 'backfill', world.deps(lock)));
    expect(await values()).toEqual([[1, ROWS]]);
    expect(world.events.filter((event) => event.type === 'backfill.started').at(-1)).toMatchObject({
      resumed: true,
      ranges: 4,
    });
  });

  it('is done once although another runner takes over in the middle, and the first goes on', async () => {
    let first: Promise<unknown> = Promise.resolve();
    await world.asRunner(async (lock) => {
      // Hears nothing of the loss of its lock, and whose sessions live on.
      const deaf: HeldLock = { ...lock, lost: new AbortController().signal };
      const spec = slow();
      first = runPass(spec, 'backfill', world.deps(deaf, { emit: () => undefined }));
      first.catch(() => undefined);
      await until('progress', async () => (await world.rowsDone()) > ROWS * 0.2);
    });
    const second = world.asRunner((lock) => runPass(slow(), 'backfill', world.deps(lock)));
    await expect(first).rejects.toMatchObject({ name: 'MigratorError' });
    await expect(second).resolves.toMatchObject({ rowsDone: ROWS, rowsChanged: ROWS });
    expect(await values()).toEqual([[1, ROWS]]);
  });
});
