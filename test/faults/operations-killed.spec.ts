import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databases, servers, type TestDatabase } from '../servers/index.js';
import { describePoint, each, type CrashPoint } from './crash-points.js';
import { OperationsRun } from './operations-run.js';

/** Defends promise 1 for operations: kill -9 at any point, run again, the same end state; no row twice, none left out. */
describe.each(databases)('operations whose runner is killed on $name', ({ server }) => {
  let operations: OperationsRun;
  beforeAll(async () => {
    operations = await OperationsRun.undisturbed(await servers[server]());
  });
  afterAll(() => operations.remove());

  it('end as they would have ended', async () => {
    expect(operations.end.states).toBe('not-null done, once backfilled, rename done');
    const recovered = await each(operations.points, 3, (point) =>
      operations.withDatabase((database) => recover(database, point)),
    );
    expect(recovered.filter((wrong) => wrong !== null)).toEqual([]);
    expect(operations.points.length).toBeGreaterThan(60);
  }, 900_000);

  async function recover(database: TestDatabase, point: CrashPoint): Promise<string | null> {
    await operations.start(database, { DIE_AT: String(point.n) }).finished;
    const wrong = await operations.recovered(database);
    return wrong === null ? null : `${describePoint(point)}: ${wrong}`;
  }
});
