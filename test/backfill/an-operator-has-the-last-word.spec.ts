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
