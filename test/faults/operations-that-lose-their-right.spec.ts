import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  backfill,
  createMigrator,
  isMigratorError,
  type Migrator,
  renameColumn,
  tightenNotNull,
} from '../../src/index.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';
import { describePoint, each, type CrashPoint } from './crash-points.js';
import { OperationsRun } from './operations-run.js';
import { ordersOperations } from './processes/orders-operations.mjs';
import { until } from '../waiting/until.js';

/** A right that is gone ends a run with one of these: 3 what is done is whole, 6 nobody can say whether it is. */
const GAVE_UP = [3, 6];

/** Defends promise 1 for operations: a runner that lost its right at any point changes nothing any more, and the next one goes on. */
describe.each(databases)('operations whose runner loses its right on $name', ({ server }) => {
  let operations: OperationsRun;
  /** Between two answers: what is sent and not answered comes to the same as what is not sent, for one that lives. */
  let points: readonly CrashPoint[];
  beforeAll(async () => {
    operations = await OperationsRun.undisturbed(await servers[server]());
    points = operations.points.filter(({ moment }) => moment !== 'sent');
    if (points.length < 40) throw new Error(`only ${points.length} points`);
  });
  afterAll(() => operations.remove());

  const atEvery = async (
    wrongAt: (database: TestDatabase, point: CrashPoint) => Promise<string | null>,
  ): Promise<readonly string[]> => {
    const wrong = await each(points, 3, async (point) =>
      operations.withDatabase(async (database) => {
        const what = await wrongAt(database, point);
        return what === null ? [] : [`${describePoint(point)}: ${what}`];
      }),
    );
    return wrong.flat();
  };

  it('paused at any point, another took over and finished: it wakes up and writes nothing', async () => {
    expect(
      await atEvery(async (database, { n }) => {
        const runner = operations.start(database, { DIE_AT: String(n), DIE_BY: 'SIGSTOP' });
        try {
          await until(
            'it is paused',
            () => Promise.resolve(runner.ended || runner.isStopped()),
            60_000,
          );
          await takeAway(database);
          const taken = await operations.recovered(database);
          if (taken !== null) return `behind the takeover: ${taken}`;
          runner.signal('SIGCONT');
          const { exitCode, stderr } = await runner.finished;
          // One that had no lock yet gets it now, and finds everything done.
          if (![0, ...GAVE_UP].includes(exitCode ?? -1)) {
            return `it ended with ${exitCode}: ${stderr.slice(-1500)}`;
          }
          return await operations.different(database);
        } finally {
          if (!runner.ended) runner.signal('SIGKILL');
        }
      }),
    ).toEqual([]);
  }, 1_500_000);

  it('its session without the lock at any point: it stops, and the next run comes to the same end', async () => {
    expect(
      await atEvery(async (database, { n }) => {
        const { exitCode, stderr } = await operations.start(database, {
          DIE_AT: String(n),
          DIE_BY: 'lost lock',
        }).finished;
        if (![0, ...GAVE_UP].includes(exitCode ?? -1)) {
          return `it ended with ${exitCode}: ${stderr.slice(-1500)}`;
        }
        return operations.recovered(database);
      }),
    ).toEqual([]);
  }, 1_500_000);

  /** As an operator does: by the id on record, or, before there is one, by ending the session that has the lock. */
  async function takeAway(database: TestDatabase): Promise<void> {
    const { dialect } = operations.server;
    const migrator = createMigrator({
      database: { dialect, url: database.url },
      migrations: operations.journal.folder,
      operations: ordersOperations({ backfill, renameColumn, tightenNotNull }),
    });
    try {
      const { holder, session } = (await migrator.status()).lock;
      if (holder !== null)
        // A chunk that stands still holds the fence until the server ends its session.
        await until('it is unlocked', () => unlocked(migrator, holder.id), 120_000);
      else if (session !== null) await end(database, session.pid);
    } finally {
      await migrator.close();
    }
  }

  async function unlocked(migrator: Migrator, holderId: string): Promise<boolean> {
    try {
      await migrator.unlock({ holderId, terminate: true });
      return true;
    } catch (error) {
      if (!isMigratorError(error)) throw error;
      if (error.code === 'REFUSED_UNLOCK') return true;
      if (error.code === 'PREDECESSOR_ALIVE') return false;
      throw error;
    }
  }

  async function end(database: TestDatabase, pid: string): Promise<void> {
    await database.query(
      operations.server.dialect === 'mysql' ? `KILL ${pid}` : `SELECT pg_terminate_backend(${pid})`,
    );
  }
});
