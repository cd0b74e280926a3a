import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databases, servers, type DatabaseServer } from '../servers/index.js';
import {
  describePoint,
  each,
  killedAgainAndAgain,
  recover,
  undisturbed,
  type Undisturbed,
} from './crash-points.js';
import { mysqlFolder, postgresFolder } from './folders.js';

/** Defends promise 1 (each migration takes effect once, also across kill -9) and 2 (no half-applied state without a name and a remedy). */
describe.each(databases)('a runner killed on $name', ({ server, dialect }) => {
  let on: DatabaseServer;
  let run: Undisturbed;
  beforeAll(async () => {
    on = await servers[server]();
    run = await undisturbed(on, dialect === 'postgresql' ? postgresFolder : mysqlFolder);
  });
  afterAll(() => run.journal.remove());

  it('at any point of its conversation with the server leaves what the next run completes', async () => {
    const recoveries = await each(run.points, 3, (point) => recover(on, run, point));
    const wrong = recoveries.filter((recovery) => recovery.wrong.length > 0);
    expect(
      wrong.map(({ point, wrong: what }) => `${describePoint(point)}: ${what.join('; ')}`),
    ).toEqual([]);
    const repaired = new Set(recoveries.flatMap((recovery) => recovery.repaired ?? []));
    expect([...repaired].toSorted()).toEqual([...run.folder.undecidable.keys()].toSorted());
  }, 900_000);

  it('again and again, a little further on each time, comes to the same end', async () => {
    const { runs, wrong } = await killedAgainAndAgain(on, run);
    expect(wrong).toEqual([]);
    expect(runs).toBeGreaterThan(5);
  });
});
