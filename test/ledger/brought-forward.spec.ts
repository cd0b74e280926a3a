import { bootstrap } from '../../src/ledger/bootstrap.js';
import { LIBRARY_VERSIONS } from '../../src/ledger/library.js';
import { OWN_TABLES, READ_TABLES } from '../../src/ledger/location.js';
import { readLedger } from '../../src/ledger/read-ledger.js';
import { kinds } from '../servers/index.js';
import { ledgerWorld, type LedgerWorld } from './ledger-world.js';

describe.each(kinds)('a database that an earlier library bootstrapped, on $name', (version) => {
  let world: LedgerWorld;
  const mysql = version.dialect === 'mysql';
  const prefix = mysql ? '' : 'drizzle.';
  const since = LIBRARY_VERSIONS.slice(1);
  const newer = OWN_TABLES.filter((table) => !READ_TABLES.some((read) => read === table));

  const run = (grantTo: readonly string[] = []) =>
    world.withSession((session) =>
      bootstrap(session, world.location, { layout: 'journal', grantTo }),
    );
  const read = (url?: string) =>
    world.withSession((session) => readLedger(session, world.location), url);

  beforeEach(async () => {
    world = await ledgerWorld(version);
    await run();
    for (const table of newer) await world.admin.query(`drop table ${prefix}${table}`);
    await world.admin.query(`delete from ${prefix}migration_library where version <> '0000_init'`);
  });
  afterEach(() => world.drop());

  it('is read as it is, and gets what is missing, once', async () => {
    expect(await read()).toMatchObject({ version: 'v0', bootstrapped: false });
    expect(await run()).toMatchObject({ changed: true, versions: since });
    expect(await run()).toMatchObject({ changed: false, versions: [] });
    expect(await read()).toMatchObject({ version: 'v0', bootstrapped: true });
  });

  it('keeps its readers, whose rights are older than the new tables', async () => {
    const tables = ['__drizzle_migrations', ...READ_TABLES];
    const reader = await world.admin.createUser((name) => [
      ...(mysql ? [] : [`grant usage on schema drizzle to ${name}`]),
      ...tables.map(
        (table) => `grant select on ${mysql ? `${world.admin.name}.` : prefix}${table} to ${name}`,
      ),
    ]);
    const look = (table: string) =>
      world.withSession((session) => session.query(`select * from ${prefix}${table}`), reader.url);

    await expect(read(reader.url)).resolves.toMatchObject({ version: 'v0' });
    await run();
    await expect(read(reader.url)).resolves.toMatchObject({ version: 'v0' });
    await expect(look('migration_progress')).rejects.toMatchObject({ kind: 'privilege' });

    await run([mysql ? `${reader.name}@%` : reader.name]);
    await expect(look('migration_progress')).resolves.toEqual([]);
    await reader.drop();
  });

  it('keeps a table of that name which is somebody else’s', async () => {
    await world.admin.query(`create table ${prefix}migration_progress (percent int)`);
    await expect(run()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('migration_progress'),
    });
    await expect(read()).resolves.toMatchObject({ version: 'v0', bootstrapped: false });
  });
});
