import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from '../backfill/backfill-world.js';

/** Takes a while for each row, whatever the clock of a sleep can do. */
function worked(dialect: 'postgresql' | 'mysql'): string {
  const hash =
    dialect === 'mysql' ? 'sha2(repeat(id, 4000), 512)' : 'sha512(repeat(id::text, 12000)::bytea)';
  return `n + 1 + 0 * length(${hash})`;
}

describe.each(engines)('others at work on $name', (version) => {
  let world: BackfillWorld;
  beforeEach(async () => {
    world = await BackfillWorld.create(version);
  });
  afterEach(() => world.drop());

  /** Longer than two ranges would be tried after. */
  const ROWS = 60_000;
  const run = async (): Promise<readonly number[]> => {
    const slow = world.spec({ set: { n: worked(version.dialect) } });
    await world.asRunner((lock) => runPass(slow, 'backfill', world.deps(lock)));
    return world.events.flatMap((event) =>
      event.type === 'backfill.tuned' ? event.measured.map(({ ranges }) => ranges) : [],
    );
  };

  it('are seen, and no range is gone through beside another while they are', async () => {
    await world.fill(ROWS);
    await world.query('create table theirs (id int)');
    let over = false;
    const writing = (async () => {
      const session = await world.worker('writer');
      while (!over) await session.query('insert into theirs values (1)');
      await session.close();
    })();
    try {
      expect(await run()).toEqual([]);
    } finally {
      over = true;
      await writing;
    }
    expect(await world.query('select distinct n from t')).toEqual([{ n: 1 }]);
  });

  it('are not what the pass does itself', async () => {
    // A fast machine would be through before a second number of ranges is tried.
    await world.fill((version.dialect === 'mysql' ? 5 : 1) * ROWS);
    expect(await run()).toEqual(expect.arrayContaining([1, 2]));
  });
});
