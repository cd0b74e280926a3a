import { expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runPass, verifyPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from './backfill-world.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('memory does not grow with the rows: 30 thousand in small chunks leave what 3 thousand leave', async () => {
  const version = engines.find(({ dialect }) => dialect === 'postgresql');
  if (version === undefined) throw new Error('there is no Postgres');
  const world = await BackfillWorld.create(version);
  const heapAfter = async (rows: number): Promise<number> => {
    await world.query('drop table if exists t');
    await world.fill(rows);
    const spec = world.spec({ pending: 'n = 0', settings: { ranges: 2, targetMs: 20 } });
    const deps = { emit: () => undefined };
    await world.asRunner(async (lock) => {
      // Every row is found by the first, of which a sample is kept.
      expect((await verifyPass(spec, world.deps(lock, deps))).pending).toBe(rows);
      await runPass(spec, 'backfill', world.deps(lock, deps));
    });
    collect();
    return process.memoryUsage().heapUsed;
  };
  await heapAfter(3000);
  const few = await heapAfter(3000);
  const many = await heapAfter(30_000);
  expect(many - few).toBeLessThan(2_000_000);
  await world.drop();
});
