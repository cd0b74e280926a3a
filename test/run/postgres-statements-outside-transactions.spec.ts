import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import type { JournalMigration } from '../journals/write-journal.js';

const versions = [{ server: 'postgres18' }, { server: 'postgres15' }] as const;

describe.each(versions)('statements outside transactions on $server', ({ server }) => {
  let world: MigratorWorld;
  const start = async (...migrations: JournalMigration[]): Promise<void> => {
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: 'CREATE TABLE t (id int PRIMARY KEY, a int, b int); INSERT INTO t SELECT g, g, g % 2 FROM generate_series(1, 100) g;',
      },
      ...migrations,
    ]);
  };
  afterEach(() => world.close());

  const validity = async (): Promise<unknown> =>
    world.database.query(
      "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 't'::regclass ORDER BY 1",
    );

  it('reaches CREATE INDEX CONCURRENTLY by itself, between plain statements', async () => {
    await start({
      tag: '0001_idx',
      sql: 'ALTER TABLE t ADD COLUMN c int; CREATE INDEX CONCURRENTLY t_a ON t (a); ALTER TABLE t ADD COLUMN d int;',
    });
    await world.migrator().up();
    expect(await validity()).toEqual([
      { relname: 't_a', indisvalid: true },
      { relname: 't_pkey', indisvalid: true },
    ]);
    expect(await world.database.query('SELECT c, d FROM t LIMIT 1')).toHaveLength(1);
  });

  it('honours an embedded COMMIT, also in one chunk, and confines its SETs', async () => {
    await start(
      {
        tag: '0001_commit',
        sql: 'ALTER TABLE t ADD COLUMN c int; COMMIT; SET lock_timeout = 0; SET search_path = pg_catalog; CREATE INDEX CONCURRENTLY t_b ON public.t (b); BEGIN; ALTER TABLE public.t ADD COLUMN d int;',
      },
      { tag: '0002_plain', sql: 'CREATE TABLE u (id int);' },
    );
    await world.migrator().up();
    expect(await world.database.query("SELECT to_regclass('public.u')::text AS u")).toEqual([
      { u: 'u' },
    ]);
    expect(await validity()).toContainEqual({ relname: 't_b', indisvalid: true });
  });

  it('drops and rebuilds an invalid index that IF NOT EXISTS would keep', async () => {
    await start({
      tag: '0001_idx',
      sql: 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_b ON t (b);',
    });
    const migrator = world.migrator();
    await migrator.up({ to: '0000_init' });
    // A failed unique build leaves the invalid index behind, as a cancelled one does.
    await expect(
      world.database.query('CREATE UNIQUE INDEX CONCURRENTLY t_b ON t (b)'),
    ).rejects.toMatchObject({ code: '23505' });
    expect(await validity()).toContainEqual({ relname: 't_b', indisvalid: false });
    await world.database.query('UPDATE t SET b = id');
    await migrator.up();
    expect(await validity()).toContainEqual({ relname: 't_b', indisvalid: true });
    expect(migrator.events).toContainEqual(
      expect.objectContaining({ type: 'index.rebuilt', index: 't_b' }),
    );
  });

  it('leaves no invalid index when the build itself fails', async () => {
    await start({ tag: '0001_idx', sql: 'CREATE UNIQUE INDEX CONCURRENTLY t_b ON t (b);' });
    await expect(world.migrator().up()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      driver: { code: '23505' },
    });
    expect(await validity()).toEqual([{ relname: 't_pkey', indisvalid: true }]);
  });

  it('uses an enum value in the file that adds it', async () => {
    await start(
      {
        tag: '0001_enum',
        sql: "CREATE TYPE mood AS ENUM ('sad');--> statement-breakpoint\nCREATE TABLE m (v mood);",
      },
      {
        tag: '0002_value',
        sql: "ALTER TYPE mood ADD VALUE 'happy';--> statement-breakpoint\nINSERT INTO m VALUES ('happy');",
      },
    );
    await world.migrator().up();
    expect(await world.database.query('SELECT v::text FROM m')).toEqual([{ v: 'happy' }]);
  });

  it('goes on inside a file after a failure behind an embedded COMMIT', async () => {
    await start({
      tag: '0001_commit',
      sql: 'ALTER TABLE t ADD COLUMN c int; COMMIT; CREATE INDEX CONCURRENTLY t_a ON t (a); INSERT INTO missing VALUES (1); UPDATE t SET c = coalesce(c, 0) + 1;',
    });
    const migrator = world.migrator();
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      place: { statement: 4 },
    });
    await world.database.query('CREATE TABLE missing (id int)');
    const result = await migrator.up();
    expect(result.applied).toMatchObject([{ tag: '0001_commit', resumedFrom: 3 }]);
    expect(await world.database.query('SELECT DISTINCT c FROM t')).toEqual([{ c: 1 }]);
  });

  it('records nothing of a file whose savepoint would outlive its failure', async () => {
    await start({
      tag: '0001_savepoint',
      sql: 'SAVEPOINT a; INSERT INTO nowhere VALUES (1); ROLLBACK TO SAVEPOINT a; CREATE TABLE w (id int);',
    });
    await expect(world.migrator().up()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      place: { statement: 2 },
    });
    expect(await world.database.query("SELECT to_regclass('public.w')::text AS w")).toEqual([
      { w: null },
    ]);
    expect((await world.migrator().status()).counts).toMatchObject({ applied: 1, pending: 1 });
  });
});
