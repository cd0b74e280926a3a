import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMigrator, isMigratorError } from '../../src/index.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';
import { own } from './consistent-ledger.js';
import { describePoint, each, type CrashPoint } from './crash-points.js';
import { OperationsRun } from './operations-run.js';
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
    expect(points.length).toBeGreaterThan(40);
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

  /** As an operator does, by the id on record; nobody on record is as good. */
  async function takeAway(database: TestDatabase): Promise<void> {
    const rows = await database.query<{ readonly id: string | null }>(
      `SELECT holder_id AS id FROM ${own(database, 'migration_lock')} WHERE part = 'fence'`,
    );
    const migrator = createMigrator({
      database: { dialect: operations.server.dialect, url: database.url },
      migrations: operations.journal.folder,
    });
    try {
      for (const { id } of rows) {
        if (id !== null) await migrator.unlock({ holderId: id, terminate: true });
      }
    } catch (error) {
      if (!isMigratorError(error) || error.code !== 'REFUSED_UNLOCK') throw error;
    } finally {
      await migrator.close();
    }
  }
});
