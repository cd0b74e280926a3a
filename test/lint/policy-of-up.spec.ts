import { afterEach, describe, expect, test } from '@jest/globals';
import { migratorWorld, ledgerCount, type MigratorWorld } from '../migrator/migrator-world.js';

const FIRST = {
  tag: '0000_users',
  sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20));',
};

describe.each([
  {
    server: 'postgres18' as const,
    unsafe: 'CREATE INDEX users_name ON users (name);',
    rule: 'create-index',
  },
  {
    server: 'mysql' as const,
    unsafe: 'ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);',
    rule: 'add-check',
  },
])('$server', ({ server, unsafe, rule }) => {
  let world: MigratorWorld;
  afterEach(() => world.close());

  const withUnsafe = async (sql = unsafe): Promise<MigratorWorld> => {
    world = await migratorWorld(server, [FIRST]);
    await world.migrator().up();
    await world.journal.add({ tag: '0001_unsafe', sql });
    return world;
  };
  const lintCodes = (findings: readonly { readonly code: string; readonly severity: string }[]) =>
    findings
      .filter(({ code }) => code.startsWith('lint:'))
      .map(({ code, severity }) => `${severity} ${code}`);

  test("'warn': up warns, and applies", async () => {
    const migrator = (await withUnsafe()).migrator({ policies: { lint: 'warn' } });
    const result = await migrator.up();
    expect(result.applied.map(({ tag }) => tag)).toEqual(['0001_unsafe']);
    expect(lintCodes(result.findings)).toEqual([`warning lint:${rule}`]);
    const warned = migrator.events.flatMap((event) =>
      event.type === 'run.warning' ? [event.finding] : [],
    );
    expect(lintCodes(warned)).toEqual([`warning lint:${rule}`]);
  });

  test('plan says the same, and nothing is said again once it is applied', async () => {
    const migrator = (await withUnsafe()).migrator({ policies: { lint: 'warn' } });
    expect(lintCodes((await migrator.plan()).findings)).toEqual([`warning lint:${rule}`]);
    await migrator.up();
    expect(lintCodes((await migrator.up()).findings)).toEqual([]);
  });

  test('nothing is said unless the policy asks for it', async () => {
    const migrator = (await withUnsafe()).migrator();
    expect(lintCodes((await migrator.up()).findings)).toEqual([]);
  });

  test("'error' refuses before anything is touched, an @allow line lets it pass", async () => {
    const migrator = (await withUnsafe()).migrator({ policies: { lint: 'error' } });
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'LINT',
      exitCode: 4,
      place: { migration: '0001_unsafe', line: 1 },
    });
    expect(await ledgerCount(world)).toBe(1);
    expect((await migrator.plan()).refusals).toMatchObject([{ code: 'LINT' }]);
    await world.journal.edit('0001_unsafe', `-- @allow ${rule}: twelve rows\n${unsafe}`);
    const allowed = world.migrator({ policies: { lint: 'error' } });
    expect((await allowed.up()).applied).toHaveLength(1);
  });

  test("'error' leaves a new database without our tables", async () => {
    world = await migratorWorld(server, [{ tag: '0000_unsafe', sql: unsafe }]);
    const migrator = world.migrator({ policies: { lint: 'error' } });
    await expect(migrator.up()).rejects.toMatchObject({ code: 'LINT' });
    const tables = await world.database.query(
      world.dialect === 'postgresql'
        ? "SELECT 1 FROM pg_class WHERE relname LIKE 'migration\\_%' OR relname LIKE '%drizzle%'"
        : 'SELECT 1 FROM information_schema.tables WHERE table_schema = database()',
    );
    expect(tables).toEqual([]);
  });

  test('a new database has nothing to find: its tables are empty', async () => {
    world = await migratorWorld(server, [FIRST, { tag: '0001_unsafe', sql: unsafe }]);
    const result = await world.migrator({ policies: { lint: 'error' } }).up();
    expect(result.applied).toHaveLength(2);
    expect(lintCodes(result.findings)).toEqual([]);
  });

  test('lint looks at what is pending', async () => {
    const migrator = (await withUnsafe()).migrator();
    const pending = await migrator.lint();
    expect(pending).toMatchObject({
      range: 'pending',
      counts: { errors: 0, needAllow: 1 },
      migrations: [{ tag: '0001_unsafe', impact: 'expand', reversible: false }],
    });
    await migrator.up();
    expect((await migrator.lint()).migrations).toEqual([]);
    expect((await migrator.lint({ all: true })).migrations).toHaveLength(2);
    expect((await migrator.lint({ known: new Set(['0000_users']) })).counts.needAllow).toBe(1);
  });
});
