import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from './backfill-world.js';
import { until } from '../waiting/until.js';

describe.each(engines)('an operator on $name', (version) => {
  let world: BackfillWorld;
  const ROWS = 3000;
  const spec = () =>
    world.spec({ set: { n: world.slowly('n + 1') }, settings: { ranges: 2, targetMs: 100 } });
  const run = () => world.asRunner((lock) => runPass(spec(), 'backfill', world.deps(lock)));
  const paused = () =>
    world.events.some((event) => event.type === 'backfill.throttled' && event.reason === 'paused');

  beforeEach(async () => {
    world = await BackfillWorld.create(version);
    await world.fill(ROWS);
  });
  afterEach(() => world.drop());

  it('pauses within a chunk from another session, and resumes', async () => {
    const running = run();
    await until('progress', async () => (await world.rowsDone()) > 0);
    expect(await world.want('pause')).toBe(2);
    await until('the pause', paused);
    // Each of the two ranges may have had a chunk under way.
    await until('both ranges to stand still', async () => {
      const before = await world.rowsDone();
      await new Promise((resolve) => setTimeout(resolve, 600));
      return before === (await world.rowsDone());
    });
    expect(await world.rowsDone()).toBeLessThan(ROWS);

    await world.want('run');
    await expect(running).resolves.toMatchObject({ rowsDone: ROWS });
  });

  it('cancels; what is done stays, and a resume goes on', async () => {
    const running = run();
    await until('progress', async () => (await world.rowsDone()) > 0);
    await world.want('cancel');
    await expect(running).rejects.toMatchObject({ code: 'BACKFILL_CANCELLED', exitCode: 1 });
    const done = await world.rowsDone();
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(ROWS);

    await expect(run()).rejects.toMatchObject({ code: 'BACKFILL_CANCELLED' });
    expect(await world.rowsDone()).toBe(done);
    await world.want('run');
    await expect(run()).resolves.toMatchObject({ rowsDone: ROWS, rowsChanged: ROWS });
  });

  it('cancels what comes after a pass that is through, and limits it when it is gone through again', async () => {
    const again = world.spec({ pending: 'n = 0' });
    const through = (pass: 'backfill' | 'verify') =>
      world.asRunner((lock) => runPass(again, pass, world.deps(lock)));
    await through('backfill');
    await world.query('update t set n = 0 where id = 7');
    await expect(through('verify')).resolves.toMatchObject({ pending: 1 });
    await world.want('cancel');
    // Either would be begun anew: one has found a row, the other is finished.
    for (const pass of ['verify', 'backfill'] as const)
      await expect(through(pass)).rejects.toMatchObject({ code: 'BACKFILL_CANCELLED' });
    expect(await world.query('select n from t where id = 7')).toEqual([{ n: 0 }]);
    await world.ledger.withSession((session) =>
      world.store.setWant(session, 'op', { want: 'run', maxRowsPerSecond: 100_000 }),
    );
    await expect(through('backfill')).resolves.toMatchObject({ rowsChanged: 1 });
    const limits = (await world.progress()).map(({ maxRowsPerSecond }) => maxRowsPerSecond);
    expect(new Set(limits)).toEqual(new Set([100_000]));
  });

  it('has a pass go on with fewer ranges at a time than it was begun with', async () => {
    const stop = new AbortController();
    const begun = world.spec({
      set: { n: world.slowly('n + 1') },
      settings: { ranges: 4, targetMs: 100 },
    });
    const first = world.asRunner((lock) =>
      runPass(begun, 'backfill', world.deps(lock, { signal: stop.signal })),
    );
    first.catch(() => undefined);
    await until('progress', async () => (await world.rowsDone()) > 0);
    stop.abort(new Error('enough'));
    await first.catch(() => undefined);
    const open = new Set<string>();
    let most = 0;
    const narrow = world.spec({ settings: { ranges: 1 } });
    await world.asRunner((lock) =>
      runPass(
        narrow,
        'backfill',
        world.deps(lock, {
          openWorker: async (name) => {
            const session = await world.worker(name);
            if (name === 'throttle') return session;
            open.add(name);
            most = Math.max(most, open.size);
            const close = session.close.bind(session);
            session.close = () => {
              open.delete(name);
              return close();
            };
            return session;
          },
        }),
      ),
    );
    expect(await world.rowsDone()).toBe(ROWS);
    expect(most).toBe(1);
  });

  it('changes the rate while it runs', async () => {
    const limited = world.spec({ settings: { maxRowsPerSecond: 50 } });
    const running = world.asRunner((lock) => runPass(limited, 'backfill', world.deps(lock)));
    await until('progress', async () => (await world.rowsDone()) > 0);
    expect(await world.rowsDone()).toBeLessThanOrEqual(100);
    await world.ledger.withSession((session) =>
      world.store.setWant(session, 'op', { maxRowsPerSecond: null }),
    );
    await expect(running).resolves.toMatchObject({ rowsDone: ROWS });
  });

  it('stops it with a signal, in the middle of a chunk', async () => {
    const stop = new AbortController();
    const long = world.spec({ set: { n: world.slowly('n + 1', 0.02) } });
    const running = world.asRunner((lock) =>
      runPass(long, 'backfill', world.deps(lock, { signal: stop.signal })),
    );
    running.catch(() => undefined);
    await until('the pass to begin', async () => (await world.progress()).length > 0);
    const reason = new Error('enough');
    const asked = performance.now();
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(performance.now() - asked).toBeLessThan(5000);
  });
});
