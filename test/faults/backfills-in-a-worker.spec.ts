import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { backfill, renameColumn, type BackfillStatus } from '../../src/index.js';
import {
  migratorWorld,
  type MigratorWorld,
  type WatchedMigrator,
} from '../migrator/migrator-world.js';

const ROWS = 400;
/** Slow enough to be met at work, until the limit is taken away. */
const SLOW = { maxRowsPerSecond: 50, ranges: 1 };
/** Who waits looks often. */
const lock = { pollMinMs: 20, pollMaxMs: 60 };
const rename = renameColumn('full-name', { table: 'people', from: 'name', to: 'full_name' });
const plusOne = backfill('plus-one', { table: 't', set: { n: 'n + 1' }, backfill: SLOW });
const other = backfill('other', { table: 'u', set: { n: 'n + 1' }, backfill: { ranges: 1 } });
const slowRename = renameColumn('slow-name', {
  table: 'pets',
  from: 'name',
  to: 'full_name',
  backfill: SLOW,
});

const INIT = {
  tag: '0000_init',
  sql: `CREATE TABLE people (id int PRIMARY KEY, name varchar(40));
--> statement-breakpoint
CREATE TABLE pets (id int PRIMARY KEY, name varchar(40));
--> statement-breakpoint
CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL);
--> statement-breakpoint
CREATE TABLE u (id int PRIMARY KEY, n int NOT NULL);`,
};
const expandOf = (name: string, table = 'people'): string =>
  `-- @operation ${name} expand\nALTER TABLE ${table} ADD COLUMN full_name varchar(40);\n-- @operation ${name} backfill\n-- @operation ${name} verify`;
const contractOf = (name: string): string =>
  `-- @operation ${name} contract\nALTER TABLE people DROP COLUMN name;`;

/** Issue 3, point 4: `backfills: 'worker'`. */
describe.each(['postgres18', 'mysql', 'mariadb'] as const)(
  'backfills in a worker on %s',
  (server) => {
    let world: MigratorWorld;
    let runner: WatchedMigrator;
    let worker: WatchedMigrator;

    const begin = async (...migrations: { tag: string; sql: string }[]): Promise<void> => {
      world = await migratorWorld(server, [INIT, ...migrations]);
      const operations = [rename, slowRename, plusOne, other];
      runner = world.migrator({ operations, backfills: 'worker' });
      worker = world.migrator({ operations });
      await runner.up({ to: INIT.tag });
      for (const [table, value] of [
        ['people', `concat('n', i)`],
        ['pets', `concat('n', i)`],
        ['t', '0'],
        ['u', '0'],
      ]) {
        const numbers =
          world.dialect === 'postgresql'
            ? `SELECT i, ${value} FROM generate_series(1, ${ROWS}) i`
            : `WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${ROWS}) SELECT i, ${value} FROM s`;
        await world.database.query(`INSERT INTO ${table} ${numbers}`);
      }
    };
    afterEach(() => world.close());

    const count = async (from: string): Promise<number> => {
      const [row] = await world.database.query<{ many: unknown }>(
        `SELECT count(*) AS many FROM ${from}`,
      );
      return Number(row?.many);
    };
    const standing = async (name: string) => {
      const found = (await worker.operations.list()).find((each) => each.name === name);
      return [found?.state, found?.leftToWorker];
    };
    const pass = async (): Promise<BackfillStatus | undefined> =>
      (await worker.backfills.list())[0];
    /** A worker that has done its first rows. */
    const atWork = async (name?: string): Promise<{ readonly running: Promise<unknown> }> => {
      const running = worker.backfills.run(name === undefined ? {} : { name });
      running.catch(() => undefined);
      let ended = false;
      running.finally(() => (ended = true)).catch(() => undefined);
      while (!ended && ((await pass())?.rows ?? 0) === 0);
      return { running };
    };
    const letLoose = (name: string) => world.migrator().backfills.setRate(name, null);

    describe('a rename', () => {
      beforeEach(() =>
        begin(
          { tag: '0001_expand', sql: expandOf('full-name') },
          { tag: '0002_contract', sql: contractOf('full-name') },
        ),
      );

      it('is left to it by up, refused at contract until it is through, and finished by up then', async () => {
        const planned = await runner.plan({ to: '0001_expand' });
        expect(planned.refusals).toEqual([]);
        expect(planned.findings).toMatchObject([
          {
            code: 'left-to-worker',
            tag: '0001_expand',
            message: expect.stringMatching(
              /^full-name: backfill and verify are left .*nest-migrate backfill run full-name$/,
            ),
          },
        ]);
        expect(planned.migrations[0]?.statements.map(({ summary }) => summary)).toEqual([
          expect.stringContaining('full-name expand in place of statement 1'),
          'operation full-name backfill (left to a worker: nest-migrate backfill run)',
          'operation full-name verify (left to a worker: nest-migrate backfill run)',
        ]);

        // Both in one run: nothing is begun, and what to do is said.
        const early = { code: 'OPERATION_OUT_OF_ORDER', exitCode: 7 };
        expect((await runner.plan()).refusals).toMatchObject([
          {
            ...early,
            remedy: expect.stringMatching(
              /^nest-migrate up --to 0001_expand --backfills worker, then nest-migrate backfill run full-name, then nest-migrate up;/,
            ),
          },
        ]);
        await expect(runner.up()).rejects.toMatchObject(early);
        expect(await standing('full-name')).toEqual(['planned', []]);
        expect(await worker.backfills.run()).toMatchObject({
          outcome: 'nothing-to-do',
          fence: null,
        });

        const { applied, findings } = await runner.up({ to: '0001_expand' });
        expect(applied).toMatchObject([{ tag: '0001_expand' }]);
        expect(findings).toMatchObject([{ code: 'left-to-worker' }]);
        expect(await standing('full-name')).toEqual(['expanded', ['backfill', 'verify']]);
        expect(await count('people WHERE full_name IS NULL')).toBe(ROWS);

        await expect(runner.up()).rejects.toMatchObject({
          ...early,
          remedy: expect.stringMatching(/^nest-migrate backfill run full-name carries them out;/),
        });
        await expect(runner.up({ backfills: 'up' })).rejects.toMatchObject(early);

        expect(await worker.backfills.run({ name: 'full-name' })).toMatchObject({
          outcome: 'done',
          phases: [
            { name: 'full-name', phase: 'backfill' },
            { name: 'full-name', phase: 'verify' },
          ],
        });
        expect(await standing('full-name')).toEqual(['verified', []]);
        expect(await count('people WHERE full_name = name')).toBe(ROWS);
        expect(await worker.backfills.run()).toMatchObject({
          outcome: 'nothing-to-do',
          phases: [],
        });

        expect(await runner.up()).toMatchObject({ applied: [{ tag: '0002_contract' }] });
        expect(await standing('full-name')).toEqual(['done', []]);
      });

      it('may be taken back before a worker came, which then finds nothing', async () => {
        await runner.up({ to: '0001_expand' });
        await runner.operations.undo('full-name');
        expect(await standing('full-name')).toEqual(['undone', []]);
        expect(await worker.backfills.run()).toMatchObject({ outcome: 'nothing-to-do' });
      });
    });

    it('a contract in the very migration that leaves its rows is told to move', async () => {
      await begin({ tag: '0001_all', sql: `${expandOf('full-name')}\n${contractOf('full-name')}` });
      await expect(runner.up()).rejects.toMatchObject({
        code: 'OPERATION_OUT_OF_ORDER',
        remedy: expect.stringMatching(
          /into a migration of its own, behind 0001_all; .*--backfills up$/,
        ),
      });
      expect(await standing('full-name')).toEqual(['planned', []]);
      // And this run may do it all by itself.
      expect(await runner.up({ backfills: 'up' })).toMatchObject({
        applied: [{ tag: '0001_all' }],
      });
      expect(await standing('full-name')).toEqual(['done', []]);
    });

    it('up runs beside it, and a later phase that up leaves meanwhile is the same worker’s', async () => {
      await begin(
        { tag: '0001_rows', sql: '-- @operation plus-one backfill\nUPDATE t SET n = n + 1;' },
        { tag: '0002_unrelated', sql: 'CREATE TABLE unrelated (id int PRIMARY KEY);' },
        { tag: '0003_verify', sql: '-- @operation plus-one verify' },
      );
      await runner.up({ to: '0001_rows' });
      expect(await count('t WHERE n = 0')).toBe(ROWS);
      const { running } = await atWork();
      expect(await pass()).toMatchObject({
        state: 'running',
        by: 'worker',
        quietMs: expect.any(Number),
      });
      expect(await runner.status()).toMatchObject({ lock: { state: 'free' } });

      expect(await runner.up()).toMatchObject({
        applied: [{ tag: '0002_unrelated' }, { tag: '0003_verify' }],
        findings: [{ code: 'left-to-worker' }],
      });
      expect(await pass()).toMatchObject({ state: 'running' });
      expect(await standing('plus-one')).toEqual(['backfilling', ['backfill', 'verify']]);

      // A second one waits, and learns who has it.
      await expect(runner.backfills.run({ waitMs: 0 })).rejects.toMatchObject({
        code: 'LOCK_WAIT_TIMEOUT',
        message: expect.stringMatching(/nest-migrate backfill run on .* is going through rows/),
      });
      const second = runner.backfills.run();
      await runner.seen(({ type }) => type === 'lock.waiting');
      await letLoose('plus-one');
      expect(await running).toMatchObject({ phases: [{ phase: 'backfill' }, { phase: 'verify' }] });
      expect(await second).toMatchObject({ outcome: 'nothing-to-do' });
      expect(await count('t WHERE n = 1')).toBe(ROWS);
      expect(await standing('plus-one')).toEqual(['verified', []]);
    });

    it('one that is cut off is gone on behind, and no row is done twice', async () => {
      await begin({
        tag: '0001_rows',
        sql: '-- @operation plus-one backfill\nUPDATE t SET n = n + 1;',
      });
      await runner.up();
      const { running } = await atWork();
      const [{ runId: holderId } = { runId: '' }] = worker.events.filter(
        ({ type }) => type === 'lock.acquired',
      );
      await expect(runner.unlock({ holderId })).rejects.toMatchObject({
        code: 'REFUSED_UNLOCK',
        message: expect.stringContaining('is alive'),
      });
      expect(await runner.unlock({ holderId, terminate: true })).toMatchObject({
        terminated: true,
      });
      await expect(running).rejects.toMatchObject({
        code: expect.stringMatching(/SESSION_LOST|FENCED/),
      });
      expect(await pass()).toMatchObject({ state: 'interrupted', by: 'worker' });
      expect(await count('t WHERE n = 0')).toBeGreaterThan(0);
      // It is a worker's: nothing that is pending is left for up.
      expect(await runner.up()).toMatchObject({ outcome: 'nothing-to-do' });
      await letLoose('plus-one');
      expect(await runner.backfills.run()).toMatchObject({ phases: [{ phase: 'backfill' }] });
      expect(await count('t WHERE n = 1')).toBe(ROWS);
    });

    it('undo waits for one that is at work, which meets no error', async () => {
      await begin({ tag: '0001_expand', sql: expandOf('slow-name', 'pets') });
      await runner.up();
      const { running } = await atWork();
      await expect(runner.operations.undo('slow-name', { waitMs: 0 })).rejects.toMatchObject({
        code: 'LOCK_WAIT_TIMEOUT',
        message: expect.stringContaining('nest-migrate backfill run on '),
        remedy: expect.stringContaining('nest-migrate backfill cancel'),
      });
      expect(await pass()).toMatchObject({ state: 'running' });

      const undoing = runner.operations.undo('slow-name');
      await runner.seen(({ type }) => type === 'lock.waiting');
      await letLoose('slow-name');
      expect(await running).toMatchObject({ phases: [{ phase: 'backfill' }, { phase: 'verify' }] });
      expect(await undoing).toMatchObject({ from: 'verified' });
      expect(await count('pets WHERE name IS NOT NULL')).toBe(ROWS);
      await expect(count('pets WHERE full_name IS NULL')).rejects.toThrow(/full_name/);
    });

    if (server !== 'postgres18') return;

    it('one that is stopped or cancelled says which command goes on', async () => {
      await begin({
        tag: '0001_rows',
        sql: '-- @operation plus-one backfill\nUPDATE t SET n = n + 1;',
      });
      await runner.up();
      const { running } = await atWork();
      await runner.backfills.cancel('plus-one');
      await expect(running).rejects.toMatchObject({
        code: 'BACKFILL_CANCELLED',
        remedy: 'nest-migrate backfill resume plus-one, then nest-migrate backfill run',
      });
      await letLoose('plus-one');
      await runner.backfills.resume('plus-one');
      await runner.backfills.run();
      expect(await count('t WHERE n = 1')).toBe(ROWS);
    });

    it('an up that goes through rows itself waits for it', async () => {
      await begin(
        { tag: '0001_rows', sql: '-- @operation plus-one backfill\nUPDATE t SET n = n + 1;' },
        { tag: '0002_other', sql: '-- @operation other backfill\nUPDATE u SET n = n + 1;' },
      );
      await runner.up({ to: '0001_rows' });
      const { running } = await atWork('plus-one');
      await expect(runner.up({ backfills: 'up', waitMs: 0 })).rejects.toMatchObject({
        code: 'LOCK_WAIT_TIMEOUT',
        exitCode: 3,
      });
      expect(await count('u WHERE n = 0')).toBe(ROWS);
      const up = world.migrator({ operations: [other, plusOne], lock });
      const waiting = up.up();
      await up.seen(({ type }) => type === 'lock.waiting');
      await letLoose('plus-one');
      await running;
      expect(await waiting).toMatchObject({ applied: [{ tag: '0002_other' }] });
      expect(await count('u WHERE n = 1')).toBe(ROWS);
      expect(await count('t WHERE n = 1')).toBe(ROWS);
    });

    it('neither it nor undo begins with a login that may only read', async () => {
      await begin({
        tag: '0001_rename',
        sql: expandOf('full-name'),
      });
      await runner.up();
      const mysql = world.dialect === 'mysql';
      const reader = await world.database.createUser((name) =>
        mysql
          ? [`GRANT SELECT ON ${world.database.name}.* TO ${name}`]
          : [
              `GRANT USAGE ON SCHEMA drizzle TO ${name}`,
              `GRANT SELECT ON ALL TABLES IN SCHEMA drizzle, public TO ${name}`,
            ],
      );
      const onlooker = world.migrator({
        operations: [rename],
        database: { dialect: world.dialect, url: reader.url },
      });
      const refusal = {
        code: 'MISSING_PRIVILEGE',
        message: expect.stringContaining('may not write') as unknown,
      };
      await expect(onlooker.backfills.run()).rejects.toMatchObject(refusal);
      await expect(onlooker.operations.undo('full-name')).rejects.toMatchObject(refusal);
      await onlooker.close();
      await reader.drop();
      expect(await standing('full-name')).toEqual(['expanded', ['backfill', 'verify']]);
    });

    it('a worker without the definition of what is left says so, and leaves it', async () => {
      await begin({
        tag: '0001_rows',
        sql: '-- @operation other backfill\nUPDATE u SET n = n + 1;',
      });
      await runner.up();
      const unknown = { code: 'UNKNOWN_OPERATION', exitCode: 4 };
      await expect(world.migrator().backfills.run()).rejects.toMatchObject(unknown);
      await expect(worker.backfills.run({ name: 'no-such' })).rejects.toMatchObject(unknown);
      expect(await worker.backfills.run({ name: 'plus-one' })).toMatchObject({ phases: [] });
      expect(await standing('other')).toEqual(['expanded', ['backfill']]);
    });
  },
);
