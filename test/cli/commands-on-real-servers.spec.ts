import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { databases, servers, type TestDatabase } from '../servers/index.js';
import { documentOf, project, removeProjects, runCli, type Finished } from './child.js';

const ORDERS = { tag: '0000_orders', sql: 'CREATE TABLE orders (id int PRIMARY KEY);' };
const ITEMS = { tag: '0001_items', sql: 'CREATE TABLE items (id int PRIMARY KEY);' };

const cwd = project({});
afterAll(removeProjects);

describe.each(databases.filter(({ server }) => server === 'postgres18' || server === 'mariadb'))(
  '$name',
  ({ server, dialect }) => {
    let database: TestDatabase;
    let journal: WrittenJournal;

    beforeEach(async () => {
      database = await (await servers[server]()).createDatabase();
      journal = await writeJournal([ORDERS, ITEMS], { dialect });
    });
    afterEach(async () => {
      await database.drop();
      await journal.remove();
    });

    const cli = (...args: string[]): Promise<Finished> =>
      runCli([...args, '--migrations', journal.folder], {
        cwd,
        env: { DATABASE_URL: database.url },
      });

    it('from nothing to applied: what is pending exits 2, up applies it once, then all is well', async () => {
      const before = await cli('status', '--check', '--json');
      expect(before.exitCode).toBe(2);
      expect(documentOf(before)).toMatchObject({
        command: 'status',
        ok: false,
        exitCode: 2,
        error: { code: 'PENDING' },
        result: { counts: { applied: 0, pending: 2 }, requiredPending: true },
      });

      const plan = await cli('plan', '--sql');
      expect(plan).toMatchObject({ exitCode: 0, stderr: '' });
      expect(plan.stdout).toContain('CREATE TABLE items');
      expect((await cli('plan', '--check')).exitCode).toBe(2);

      const up = await cli('up', '--json', '--log-format', 'json');
      expect(up.exitCode).toBe(0);
      expect(documentOf(up)).toMatchObject({
        schemaVersion: 1,
        command: 'up',
        ok: true,
        exitCode: 0,
        result: { outcome: 'applied', applied: [{ tag: '0000_orders' }, { tag: '0001_items' }] },
      });
      const events = up.stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string });
      expect(events.map(({ type }) => type)).toContain('migration.finished');

      expect(documentOf(await cli('up', '--json')).result).toMatchObject({
        outcome: 'nothing-to-do',
        applied: [],
      });
      const after = await cli('status', '--check');
      expect(after).toMatchObject({ exitCode: 0, stderr: '' });
      expect(after.stdout).toContain('2 applied, 0 pending');
      expect((await cli('wait', '--timeout', '5s')).exitCode).toBe(0);
    });

    it('--grant-to lets roles in that may only read, each flag and each name of it', async () => {
      const [app, reports, jobs] = await Promise.all([
        database.createUser(),
        database.createUser(),
        database.createUser(),
      ]);
      const statusOf = (user: { readonly url: string }): Promise<Finished> =>
        runCli(['status', '--migrations', journal.folder], {
          cwd,
          env: { DATABASE_URL: user.url },
        });
      await cli('up', '--grant-to', `${app.name},${reports.name}`, '--grant-to', jobs.name);
      for (const user of [app, reports, jobs]) {
        const status = await statusOf(user);
        await user.drop();
        expect(status).toMatchObject({ exitCode: 0, stderr: '' });
        expect(status.stdout).toContain('2 applied, 0 pending');
      }
    });

    it('an edited file fails verify until the change is accepted', async () => {
      await cli('up');
      expect((await cli('verify')).exitCode).toBe(0);
      await journal.edit('0001_items', 'CREATE TABLE items (id bigint PRIMARY KEY);');
      const edited = await cli('verify', '--json');
      expect(edited.exitCode).toBe(4);
      expect(documentOf(edited).error?.code).toBe('EDITED');
      expect(edited.stderr).toContain('0001_items');
      const repaired = await cli('repair', '0001_items', 'accept-checksum', '--reason', 'reviewed');
      expect(repaired.exitCode).toBe(0);
      expect((await cli('verify')).exitCode).toBe(0);
    });

    it('baseline records without running', async () => {
      const baseline = await cli('baseline', '0000_orders', '--json');
      expect(documentOf(baseline).result).toMatchObject({ recorded: ['0000_orders'] });
      expect(documentOf(await cli('up', '--json')).result).toMatchObject({
        applied: [{ tag: '0001_items' }],
      });
      await expect(database.query('SELECT * FROM orders')).rejects.toThrow('orders');
      expect((await cli('baseline', '0009_nope')).exitCode).toBe(64);
    });

    it('--to stops there, and an unknown tag is named', async () => {
      expect(documentOf(await cli('up', '--to', '0000_orders', '--json')).result).toMatchObject({
        applied: [{ tag: '0000_orders' }],
      });
      const unknown = await cli('up', '--to', '0009_nope');
      expect(unknown.exitCode).toBe(64);
      expect(unknown.stderr).toMatch(/^UNKNOWN_TAG/m);
    });

    it('a failing migration exits 1 and names file and statement, and neither text nor values of the SQL', async () => {
      await cli('up');
      const secret = 'c4n4ry';
      await journal.add({
        tag: '0002_bad',
        sql: `INSERT INTO orders VALUES (1);\n--> statement-breakpoint\nINSERT INTO nowhere_${secret} VALUES ('${secret}');`,
      });
      const failed = await cli('up', '--json', '--verbose');
      expect(failed.exitCode).toBe(1);
      expect(documentOf(failed)).toMatchObject({
        ok: false,
        exitCode: 1,
        error: { code: 'MIGRATION_FAILED', place: { migration: '0002_bad', statement: 2 } },
      });
      expect(failed.stderr).toMatch(/^MIGRATION_FAILED \(exit 1\)$/m);
      expect(failed.stderr).toContain('0002_bad.sql');
      expect(failed.stderr).toContain('2 of 2');
      expect(failed.stdout + failed.stderr).not.toContain(`'${secret}'`);
      expect(failed.stdout + failed.stderr).not.toContain(database.url);
    });

    it('wait that runs out of time exits 3, unlock of somebody who holds nothing is refused with 7', async () => {
      expect((await cli('wait', '--timeout', '100ms')).exitCode).toBe(3);
      await cli('up');
      const unlock = await cli('unlock', '--holder', '00000000-0000-4000-8000-000000000000');
      expect(unlock.exitCode).toBe(7);
      expect(unlock.stderr).toMatch(/^REFUSED_UNLOCK/m);
    });
  },
);
