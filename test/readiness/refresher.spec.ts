import { MigratorError } from '../../src/errors.js';
import {
  createReadinessProbe,
  type ReadinessProbeDeps,
  type ReadinessTransition,
} from '../../src/readiness/refresher.js';
import type { ReadinessObservation } from '../../src/readiness/readiness.js';
import { READINESS_DEFAULTS } from '../../src/resolve-options.js';
import { ManualClock, settled } from './manual-clock.js';
import { known, read, row, type Entry } from './observations.js';

const entries: readonly Entry[] = [{ tag: '0000_a' }, { tag: '0001_b' }];
const current = read(entries);
const behind = read([{ tag: '0000_a' }, { tag: '0001_b', verdict: 'pending' }]);
const unreachable: ReadinessObservation = { kind: 'unreachable' };

/** A probe on a clock of the test, reading whatever `see` says now. */
function probeSeeing(first: ReadinessObservation | Error, over: Partial<ReadinessProbeDeps> = {}) {
  const clock = new ManualClock();
  const transitions: ReadinessTransition[] = [];
  const world = { sees: first, reads: 0 };
  const probe = createReadinessProbe({
    observe: () => {
      world.reads += 1;
      return world.sees instanceof Error ? Promise.reject(world.sees) : Promise.resolve(world.sees);
    },
    knowledge: { describe: () => Promise.resolve(known(entries)) },
    options: READINESS_DEFAULTS,
    onTransition: (transition) => transitions.push(transition),
    now: clock.now,
    random: () => 0,
    schedule: clock.schedule,
    ...over,
  });
  return { clock, probe, transitions, world };
}

describe('before the first read', () => {
  it('is down with unknown, without reading anything', () => {
    const { probe, world } = probeSeeing(current);
    expect(probe.current()).toEqual({ state: 'down', reasons: [{ code: 'unknown' }] });
    expect(world.reads).toBe(0);
  });

  it('stays so while the first read is on its way', async () => {
    const { probe } = probeSeeing(current, { observe: () => new Promise(() => undefined) });
    probe.start();
    await settled();
    expect(probe.current().reasons).toEqual([{ code: 'unknown' }]);
  });
});

describe('the rhythm', () => {
  it('is a second while not ready and ten when ready', async () => {
    const { clock, probe, world } = probeSeeing(behind);
    probe.start();
    await clock.advance(3_500);
    expect(world.reads).toBe(4);
    world.sees = current;
    await clock.advance(1_000);
    expect(probe.current().state).toBe('up');
    expect(world.reads).toBe(5);
    await clock.advance(20_000);
    expect(world.reads).toBe(7);
  });

  it('comes to ten seconds while a wait goes on, and is a second again once the database was not reached', async () => {
    const { clock, probe, world } = probeSeeing(behind);
    probe.start();
    await clock.advance(29_500);
    expect(world.reads).toBe(30);
    await clock.advance(60_000);
    const before = world.reads;
    await clock.advance(100_000);
    expect(world.reads - before).toBe(10);
    world.sees = unreachable;
    await clock.advance(10_000);
    expect(clock.nextIn()).toBeLessThanOrEqual(1000);
    world.sees = current;
    await clock.advance(1_000);
    expect(probe.current().state).toBe('up');
  });

  it.each([
    { random: 0, nextIn: 1000 },
    { random: 0.999999, nextIn: 1200 },
  ])('is stretched by up to a fifth: random $random', async ({ random, nextIn }) => {
    const { clock, probe } = probeSeeing(behind, { random: () => random });
    probe.start();
    await settled();
    expect(clock.nextIn()).toBeCloseTo(nextIn, 0);
  });

  it('never has two reads in flight, also when somebody waits for one', async () => {
    let inFlight = 0;
    let most = 0;
    const { clock, probe } = probeSeeing(current, {
      observe: async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await settled();
        inFlight -= 1;
        return current;
      },
    });
    probe.start();
    await Promise.all([probe.refreshed(), probe.refreshed(), probe.refreshed()]);
    await clock.advance(60_000);
    expect(most).toBe(1);
  });

  it('refreshed() joins the read in flight and leaves one timer behind', async () => {
    const { clock, probe, world } = probeSeeing(current);
    probe.start();
    expect((await probe.refreshed()).state).toBe('up');
    expect(world.reads).toBe(1);
    await clock.advance(10_000);
    expect(world.reads).toBe(2);
  });
});

describe('going down and coming back', () => {
  it('recovers without a restart, after one good read', async () => {
    const { clock, probe, world } = probeSeeing(read(entries, { version: null }));
    probe.start();
    await clock.advance(5_000);
    expect(probe.current()).toEqual({ state: 'down', reasons: [{ code: 'uninitialised' }] });
    world.sees = current;
    await clock.advance(1_000);
    expect(probe.current()).toEqual({ state: 'up', reasons: [{ code: 'current' }] });
  });

  it('a serving replica is degraded after one bad read, looks again within a second, and is down after two', async () => {
    const { clock, probe, world } = probeSeeing(current);
    probe.start();
    await settled();
    world.sees = behind;
    await clock.advance(10_000);
    expect(probe.current().state).toBe('degraded');
    await clock.advance(1_000);
    expect(probe.current().state).toBe('down');
  });

  it('a good read between two bad ones starts the count again', async () => {
    const { clock, probe, world } = probeSeeing(current);
    probe.start();
    await settled();
    const states: string[] = [];
    for (const sees of [behind, current, behind]) {
      world.sees = sees;
      await clock.advance(clock.nextIn() ?? 0);
      states.push(probe.current().state);
    }
    expect(states).toEqual(['degraded', 'up', 'degraded']);
  });

  it('a database that stops for five seconds takes nobody out, for thirty it does, and back it is up', async () => {
    const { clock, probe, world } = probeSeeing(current);
    probe.start();
    await settled();
    world.sees = unreachable;
    await clock.advance(15_000);
    expect(probe.current()).toEqual({ state: 'degraded', reasons: [{ code: 'db_unreachable' }] });
    world.sees = current;
    await clock.advance(1_000);
    expect(probe.current().state).toBe('up');
    world.sees = unreachable;
    await clock.advance(30_000);
    expect(probe.current()).toEqual({ state: 'down', reasons: [{ code: 'db_unreachable' }] });
    world.sees = current;
    await clock.advance(1_000);
    expect(probe.current().state).toBe('up');
  });

  it('a replica that was taken down stays down when the database goes away as well', async () => {
    const { clock, probe, world } = probeSeeing(current);
    probe.start();
    await settled();
    world.sees = behind;
    await clock.advance(12_000);
    expect(probe.current().state).toBe('down');
    world.sees = unreachable;
    await clock.advance(1_000);
    expect(probe.current().state).toBe('down');
  });

  it('a bad read right after a grace that ran out is believed at once', async () => {
    const { clock, probe, world } = probeSeeing(current);
    probe.start();
    await settled();
    world.sees = unreachable;
    // The last unreachable read is just before the grace ends, so that it ends between two reads.
    await clock.advance(10_000 + 14_000);
    await clock.advance(999);
    expect(probe.current().state).toBe('degraded');
    world.sees = behind;
    await clock.advance(1);
    expect(probe.current()).toMatchObject({ state: 'down', reasons: [{ code: 'behind' }] });
  });
});

describe('reads that fail', () => {
  it.each([
    { error: new Error('connect postgres://u:secret@db'), reason: 'db_unreachable' },
    {
      error: new MigratorError('UNREACHABLE', { message: 'm', remedy: 'r' }),
      reason: 'db_unreachable',
    },
    {
      error: new MigratorError('CREDENTIALS', { message: 'm', remedy: 'r' }),
      reason: 'db_unreachable',
    },
    {
      error: new MigratorError('MISSING_PRIVILEGE', { message: 'm', remedy: 'r' }),
      reason: 'no_permission',
    },
    {
      error: new MigratorError('JOURNAL_NOT_FOUND', { message: 'm', remedy: 'r' }),
      reason: 'unknown',
    },
  ])(
    '$error.name $error.code is $reason, and holds nothing of the message',
    async ({ error, reason }) => {
      const { probe } = probeSeeing(error);
      expect(await probe.refreshed()).toEqual({ state: 'down', reasons: [{ code: reason }] });
    },
  );

  it('a read that does not end counts as unreachable at its deadline, is told to end, and no second one is begun', async () => {
    let told = false;
    let begun = 0;
    const { clock, probe } = probeSeeing(current, {
      observe: (signal) => {
        begun += 1;
        signal.addEventListener('abort', () => (told = true));
        return new Promise(() => undefined);
      },
    });
    probe.start();
    await clock.advance(60_000);
    expect(probe.current().reasons).toEqual([{ code: 'db_unreachable' }]);
    expect({ told, begun }).toEqual({ told: true, begun: 1 });
  });

  it('a result older than three intervals says nothing any more', async () => {
    let reads = 0;
    const { clock, probe } = probeSeeing(current, {
      observe: () => ((reads += 1) === 1 ? Promise.resolve(current) : new Promise(() => undefined)),
      // Without the deadline, which would notice: only the age of the answer is left.
      options: { ...READINESS_DEFAULTS, queryTimeoutMs: 1e9 },
    });
    probe.start();
    await clock.advance(30_000);
    expect(probe.current().state).toBe('up');
    await clock.advance(1);
    expect(probe.current()).toEqual({ state: 'down', reasons: [{ code: 'db_unreachable' }] });
  });
});

describe('transitions', () => {
  it('are told once each, with the reasons and the code of the error', async () => {
    const { clock, probe, transitions, world } = probeSeeing(behind);
    probe.start();
    await clock.advance(5_000);
    world.sees = current;
    await clock.advance(25_000);
    world.sees = new MigratorError('UNREACHABLE', { message: 'm', remedy: 'r' });
    await clock.advance(60_000);
    expect(
      transitions.map(({ from, to, readiness, code }) => [
        from,
        to,
        readiness.reasons[0]?.code,
        code,
      ]),
    ).toEqual([
      ['down', 'down', 'behind', null],
      ['down', 'up', 'current', null],
      ['up', 'degraded', 'db_unreachable', 'UNREACHABLE'],
      ['degraded', 'down', 'db_unreachable', 'UNREACHABLE'],
    ]);
  });

  it('a listener that throws does not stop the reads', async () => {
    const { clock, probe, world } = probeSeeing(behind, {
      onTransition: () => {
        throw new Error('listener');
      },
    });
    probe.start();
    await clock.advance(3_000);
    world.sees = current;
    await clock.advance(2_000);
    expect(probe.current().state).toBe('up');
  });
});

describe('stop', () => {
  it('aborts the read, leaves no timer and knows nothing afterwards', async () => {
    let aborted = false;
    const { clock, probe } = probeSeeing(current, {
      observe: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          });
        }),
    });
    probe.start();
    await settled();
    await probe.stop();
    expect(aborted).toBe(true);
    expect(clock.nextIn()).toBeNull();
    expect(probe.current().reasons).toEqual([{ code: 'unknown' }]);
  });

  it('does not hang on a read that ignores its signal', async () => {
    const { clock, probe } = probeSeeing(current, { observe: () => new Promise(() => undefined) });
    probe.start();
    await settled();
    const stopped = probe.stop();
    await clock.advance(10_000);
    await stopped;
    expect(probe.current().state).toBe('down');
  });

  it('may be followed by a new start', async () => {
    const { clock, probe, world } = probeSeeing(current);
    probe.start();
    await settled();
    await probe.stop();
    probe.start();
    await clock.advance(10_000);
    expect(probe.current().state).toBe('up');
    expect(world.reads).toBe(3);
  });

  it('start() twice reads once', async () => {
    const { probe, world } = probeSeeing(current);
    probe.start();
    probe.start();
    await settled();
    expect(world.reads).toBe(1);
  });
});

describe('current()', () => {
  it('is answered from memory: a thousand probes make no read', async () => {
    const { probe, world } = probeSeeing(read(entries, { unknown: [row('x', 9000)] }));
    probe.start();
    await settled();
    for (let probes = 0; probes < 1000; probes += 1) probe.current();
    expect(world.reads).toBe(1);
    expect(probe.current().state).toBe('degraded');
  });
});
