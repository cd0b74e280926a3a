import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { histories, type History } from '../fleet/model/history.js';
import { judgeHistory } from '../fleet/model/oracle.js';
import { RealWorld } from '../fleet/model/real-world.js';
import { databases } from '../servers/index.js';

/** Altogether; the model is asked ten thousand. */
const HISTORIES = 300;

const environment = process.env['NODE_ENV'];
beforeAll(() => {
  process.env['NODE_ENV'] = 'production';
});
afterAll(() => {
  process.env['NODE_ENV'] = environment;
});

describe.each(databases)('any fleet on $name', (version) => {
  it('gives no wrong answer', async () => {
    const sample: readonly History[] = fc.sample(
      histories(16),
      Math.ceil(HISTORIES / databases.length),
    );
    let judged = 0;
    for (const history of sample) {
      const world = await RealWorld.open(version, history.steps);
      try {
        judged += await judgeHistory(history, world);
      } catch (error) {
        throw new Error(`history ${JSON.stringify(history)}`, { cause: error });
      } finally {
        await world.close();
      }
    }
    expect(judged).toBeGreaterThan(sample.length);
  }, 900_000);
});
