import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databases, servers, type DatabaseServer } from '../servers/index.js';
import {
  describePoint,
  recover,
  undisturbed,
  type CrashPoint,
  type Undisturbed,
} from '../faults/crash-points.js';
import { mysqlFolder, postgresFolder } from '../faults/folders.js';

/** The points that went wrong once, or that a change of the runner is likely to hit. `npm run test:faults` takes them all. */
const POINTS: Readonly<
  Record<'postgresql' | 'mysql', readonly (readonly [CrashPoint['moment'], RegExp])[]>
> = {
  postgresql: [
    ['after', /^ALTER TABLE orders DROP COLUMN/],
    ['after', /^CREATE UNIQUE INDEX CONCURRENTLY/],
    ['sent', /^commit/],
    ['after', /^CALL/],
  ],
  mysql: [
    ['after', /^ALTER TABLE orders ADD/],
    ['sent', /^CALL/],
    ['after', /^TRUNCATE/],
    ['after', /^RENAME TABLE scratch/],
  ],
};

/** Defends promise 1: each migration takes effect once, also across kill -9. */
describe.each(databases.filter(({ server }) => server === 'postgres18' || server === 'mysql'))(
  'a runner killed on $name',
  ({ server, dialect }) => {
    let on: DatabaseServer;
    let run: Undisturbed;
    beforeAll(async () => {
      on = await servers[server]();
      run = await undisturbed(on, dialect === 'postgresql' ? postgresFolder : mysqlFolder);
    });
    afterAll(() => run.journal.remove());

    it.each(POINTS[dialect])('%s %s', async (moment, sql) => {
      const point = run.points.find((one) => one.moment === moment && sql.test(one.sql));
      if (point === undefined) throw new Error('there is no such point');
      const { wrong } = await recover(on, run, point);
      expect([describePoint(point), ...wrong]).toEqual([describePoint(point)]);
    });
  },
);
