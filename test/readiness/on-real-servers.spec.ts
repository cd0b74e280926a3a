import pg from 'pg';
import { Builds, readinessOf } from '../fleet/builds.js';
import type { JournalMigration } from '../journals/write-journal.js';
import { kinds, servers, startPostgres, type TestDatabase } from '../servers/index.js';

const ORDERS: JournalMigration = {
  tag: '0000_orders',
  sql: 'create table orders (id int primary key, note text);',
};
const STOCK: JournalMigration = {
  tag: '0001_stock',
  sql: 'create table stock (id int primary key);',
};
const CONTRACT: JournalMigration = {
  tag: '0002_drop_note',
  sql: 'alter table orders drop column note;',
};

describe.each(kinds)('on $name', ({ server, dialect }) => {
  const builds = new Builds(dialect);
  let database: TestDatabase;
  beforeEach(async () => {
    database = await (await servers[server]()).createDatabase();
  });
  afterEach(async () => {
    await builds.dispose();
    await database.drop();
  });

  it('a replica waits for the release job, and is ready without a restart', async () => {
    const replica = await builds.on(database.url, [ORDERS]);
    expect(await readinessOf(replica)).toBe('down uninitialised');
    const job = await builds.on(database.url, [ORDERS]);
    await job.up();
    expect(await readinessOf(replica)).toBe('up current');
  });

  it('a new build waits for what it needs, while the old one serves on', async () => {
    const old = await builds.on(database.url, [ORDERS]);
    await old.up();
    const next = await builds.on(database.url, [ORDERS, STOCK]);
    expect(await next.readiness.refreshed()).toEqual({
      state: 'down',
      reasons: [{ code: 'behind', tags: ['0001_stock'], count: 1 }],
    });
    await next.up();
    expect(await readinessOf(next)).toBe('up current');
    expect(await old.readiness.refreshed()).toEqual({
      state: 'degraded',
      reasons: [{ code: 'ahead', tags: ['0001_stock'], count: 1 }],
    });
  });

  it('a build rolled back to becomes ready on a database that is ahead by expands, and never on one that took away what it uses', async () => {
    const newest = await builds.on(database.url, [ORDERS, STOCK, CONTRACT]);
    await newest.up({ to: '0001_stock' });
    expect(await readinessOf(newest)).toBe('up contract_pending');
    const rolledBack = await builds.on(database.url, [ORDERS]);
    expect(await readinessOf(rolledBack)).toBe('degraded ahead');
    expect(await newest.up()).toMatchObject({ deferred: [{ tag: CONTRACT.tag }] });
    await rolledBack.readiness.stop();
    await newest.up();
    expect(await readinessOf(newest)).toBe('up current');
    const rolledBackLater = await builds.on(database.url, [ORDERS]);
    expect(await readinessOf(rolledBackLater)).toBe('down ahead_incompatible ahead');
  });

  it('a migration that failed holds back the build that needs it, and not the other', async () => {
    const old = await builds.on(database.url, [ORDERS]);
    await old.up();
    const bad = { tag: '0001_bad', sql: 'insert into nothing_there values (1);' };
    const next = await builds.on(database.url, [ORDERS, bad]);
    await expect(next.up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    expect((await next.readiness.refreshed()).reasons[0]).toMatchObject({
      code: 'behind',
      tags: ['0001_bad'],
      failed: true,
    });
    expect(await readinessOf(old)).toBe('degraded migration_failed');
  });

  it('a marker of the user is asked for', async () => {
    const requires = [{ name: 'countries', sql: 'select count(*) > 0 from countries' }];
    const build = await builds.on(
      database.url,
      [{ tag: '0000_countries', sql: 'create table countries (code char(2));' }],
      { requires },
    );
    await build.up();
    expect(await build.readiness.refreshed()).toEqual({
      state: 'down',
      reasons: [{ code: 'marker_missing', tags: ['countries'], count: 1 }],
    });
    await database.query("insert into countries values ('NL')");
    expect(await readinessOf(build)).toBe('up current');
  });

  it('a marker that hangs is missing, within the time of a read, and leaves nothing behind at the server', async () => {
    const hangs = dialect === 'mysql' ? 'select sleep(30) = 0' : 'select pg_sleep(30) is not null';
    const build = await builds.on(database.url, [ORDERS], {
      requires: [{ name: 'slow', sql: hangs }],
    });
    await build.up();
    const began = performance.now();
    expect(await readinessOf(build)).toBe('down marker_missing');
    expect(performance.now() - began).toBeLessThan(5_000);
    const stillThere =
      dialect === 'mysql'
        ? `select 1 from information_schema.processlist where db = database() and info = '${hangs}'`
        : `select 1 from pg_stat_activity where datname = current_database() and query = '${hangs}'`;
    expect(await database.query(stillThere)).toEqual([]);
  });
});

describe('on Postgres 18', () => {
  const builds = new Builds('postgresql');
  let database: TestDatabase;
  beforeEach(async () => {
    database = await (await servers.postgres18()).createDatabase();
  });
  afterEach(async () => {
    await builds.dispose();
    await database.drop();
  });

  it('what stock migrate() applied is ahead without a declaration', async () => {
    const build = await builds.on(database.url, [ORDERS]);
    await build.up();
    await database.query(
      `insert into drizzle.__drizzle_migrations (hash, created_at) values ('by-stock', ${Date.UTC(2030, 0, 1)})`,
    );
    expect(await readinessOf(build)).toBe('degraded ahead_undeclared');
  });

  it('a role that may not read the ledger says so, and one that was granted is ready', async () => {
    const denied = await database.createUser(() => []);
    await (await builds.on(database.url, [ORDERS])).up();
    const replica = await builds.on(denied.url, [ORDERS]);
    expect(await readinessOf(replica)).toBe('down no_permission');
    const granted = await database.createUser((name) => [
      `grant usage on schema drizzle to ${name}`,
      `grant select on all tables in schema drizzle to ${name}`,
    ]);
    expect(await readinessOf(await builds.on(granted.url, [ORDERS]))).toBe('degraded unregistered');
    await database.query(`grant insert, update on drizzle.migration_instances to ${granted.name}`);
    expect(await readinessOf(await builds.on(granted.url, [ORDERS]))).toBe('up current');
  });

  it('an exhausted pool of the application does not matter, and the probe answers within 50 ms', async () => {
    await (await builds.on(database.url, [ORDERS])).up();
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    const held = await pool.connect();
    try {
      const replica = await builds.on('', [ORDERS], {
        database: { dialect: 'postgresql', client: pool },
      });
      expect(await readinessOf(replica)).toBe('up current');
      const began = performance.now();
      replica.readiness.current();
      expect(performance.now() - began).toBeLessThan(50);
    } finally {
      held.release();
      await pool.end();
    }
  });

  it('holds no connection between reads', async () => {
    const build = await builds.on(database.url, [ORDERS]);
    await build.up();
    await readinessOf(build);
    expect(
      await database.query(
        'select count(*)::int as sessions from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      ),
    ).toEqual([{ sessions: 0 }]);
  });

  it.each(['transaction', 'session'] as const)(
    'works through PgBouncer in %s mode',
    async (mode) => {
      await (await builds.on(database.url, [ORDERS])).up();
      const bouncer = await servers.pgbouncer(mode);
      const replica = await builds.on(bouncer.through(database.url), [ORDERS]);
      expect(await readinessOf(replica)).toBe('up current');
      expect(await readinessOf(replica)).toBe('up current');
    },
  );
});

describe('a database that stops and comes back', () => {
  it('degrades a ready replica for the grace, takes it down after, and finds it up again', async () => {
    const builds = new Builds('postgresql');
    const server = await startPostgres();
    try {
      const database = await server.createDatabase();
      const replica = await builds.on(database.url, [ORDERS], {
        readiness: { unreachableGraceMs: 400 },
      });
      await replica.up();
      expect(await readinessOf(replica)).toBe('up current');
      await server.kill();
      expect(await readinessOf(replica)).toBe('degraded db_unreachable');
      const deadline = performance.now() + 10_000;
      while (replica.readiness.current().state !== 'down' && performance.now() < deadline) {
        await readinessOf(replica);
      }
      expect(replica.readiness.current().state).toBe('down');
      const newcomer = await builds.on(database.url, [ORDERS]);
      expect(await readinessOf(newcomer)).toBe('down db_unreachable');
      await server.restart();
      expect(await readinessOf(replica)).toBe('up current');
    } finally {
      await builds.dispose();
      await server.stop();
    }
  });
});
