import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MysqlBackfill } from '../../src/backfill/mysql/mysql-backfill.js';
import { PostgresBackfill } from '../../src/backfill/postgres/postgres-backfill.js';
import { runPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from './backfill-world.js';
import { until } from '../waiting/until.js';

describe.each(engines)('sessions that wait for a backfill on $name', (version) => {
  let world: BackfillWorld;
  beforeEach(async () => {
    world = await BackfillWorld.create(version);
    await world.fill(100);
  });
  afterEach(() => world.drop());

  it('are counted, ours not among them', async () => {
    const [ours, others, asking] = await Promise.all(
      ['ours', 'another', 'asking'].map((name) => world.worker(name)),
    );
    if (ours === undefined || others === undefined || asking === undefined) throw new Error();
    await ours.query('start transaction');
    await ours.query('update t set n = n + 1 where id <= 10');
    const waiting = others.query('update t set n = 5 where id = 3');
    await world.asRunner(async (lock) => {
      const deps = world.deps(lock);
      const dialect =
        version.dialect === 'mysql'
          ? new MysqlBackfill(world.spec(), deps)
          : new PostgresBackfill(world.spec(), deps);
      const blocked = (by: readonly string[]) => dialect.blockedSessions(asking, by);
      await until('the waiter to be seen', async () => {
        const signal = await blocked([ours.backendId]);
        return signal.kind === 'value' && signal.value === 1;
      });
      expect(await blocked([ours.backendId, others.backendId])).toMatchObject({ value: 0 });
      expect(await dialect.replicaLag(asking)).toEqual({ kind: 'none' });
    });
    await ours.query('commit');
    await waiting;
    await Promise.all([ours, others, asking].map((session) => session.close()));
  });

  it('that nobody may see are no reason to stand still, and it is said', async () => {
    const login = await world.ledger.admin.createUser((name) =>
      version.dialect === 'mysql'
        ? [
            `grant select, insert, update, delete, lock tables on ${world.ledger.admin.name}.* to ${name}`,
          ]
        : [
            `grant usage on schema drizzle to ${name}`,
            `grant all on all tables in schema drizzle to ${name}`,
            `grant all on t to ${name}`,
          ],
    );
    const { createDatabase } = await import('../../src/database/create-database.js');
    const database = createDatabase({ dialect: version.dialect, url: login.url });
    const result = await world.asRunner((lock) =>
      runPass(
        world.spec(),
        'backfill',
        world.deps(lock, {
          openWorker: (name) => database.connect({ role: 'runner', applicationName: name }),
        }),
      ),
    );
    expect(result.rowsDone).toBe(100);
    const told = world.events.filter((event) => event.type === 'run.warning');
    expect(told).toHaveLength(version.dialect === 'mysql' ? 1 : 0);
    await login.drop();
  });
});
