import type { Journal, JournalLayout } from '../../src/journal/journal.js';
import { loadJournal } from '../../src/journal/load-journal.js';
import type { LedgerMatch } from '../../src/ledger/ledger.js';
import { matchLedger } from '../../src/ledger/match-ledger.js';
import { readLedger } from '../../src/ledger/read-ledger.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { databases } from '../servers/index.js';
import { applyAll, ledgerWorld, type LedgerWorld } from './ledger-world.js';
import { kitMigrate, stockMigrate } from './stock.js';

const MIGRATIONS = [
  { tag: '0000_init', sql: 'create table a (id int primary key);', when: 1_767_225_600_123 },
  {
    tag: '0001_more',
    sql: 'create table b (id int primary key);\n--> statement-breakpoint\ninsert into b values (1)',
    when: 1_767_225_660_456,
  },
  // Byte-identical custom files are common: a checksum is no identity.
  { tag: '0002_custom', sql: 'insert into a values (1)\n', when: 1_767_225_720_789 },
] as const;

async function matched(world: LedgerWorld, journal: Journal): Promise<LedgerMatch> {
  return world.withSession(async (session) =>
    matchLedger(journal.migrations, await readLedger(session, world.location)),
  );
}

const layouts: readonly JournalLayout[] = ['journal', 'folder'];

describe.each(databases)('adoption on $name', (version) => {
  let world: LedgerWorld;
  let written: WrittenJournal;

  afterEach(async () => {
    await world.drop();
    await written.remove();
  });

  const verdicts = (match: LedgerMatch): readonly string[] =>
    match.entries.map(({ verdict }) => verdict);

  it.each(layouts)(
    'what stock migrate() applied from the %s layout is applied for us',
    async (layout) => {
      world = await ledgerWorld(version, { layout });
      written = await writeJournal(MIGRATIONS, { layout, dialect: version.dialect });
      await stockMigrate(version, world.admin.url, layout, { migrationsFolder: written.folder });

      const match = await matched(world, loadJournal(written.folder));

      expect(verdicts(match)).toEqual(['applied', 'applied', 'applied']);
      expect(match.unknown).toEqual([]);
      expect(match.duplicates).toEqual([]);
    },
  );

  it.each(layouts)('stock migrate() does nothing after us in the %s layout', async (layout) => {
    world = await ledgerWorld(version, { layout });
    written = await writeJournal(MIGRATIONS, { layout, dialect: version.dialect });
    const journal = loadJournal(written.folder);
    await applyAll(world, journal);
    const ledger = (): Promise<readonly unknown[]> =>
      world.admin.query(
        `select * from ${version.dialect === 'mysql' ? '' : 'drizzle.'}__drizzle_migrations order by id`,
      );
    const before = await ledger();

    await stockMigrate(version, world.admin.url, layout, { migrationsFolder: written.folder });

    expect(before).toHaveLength(3);
    expect(await ledger()).toEqual(before);
    expect(verdicts(await matched(world, journal))).toEqual(['applied', 'applied', 'applied']);
  });

  it('takes turns with stock migrate(), each going on where the other stopped', async () => {
    world = await ledgerWorld(version);
    written = await writeJournal(MIGRATIONS.slice(0, 1), { dialect: version.dialect });
    await applyAll(world, loadJournal(written.folder));
    await written.add(...MIGRATIONS.slice(1));

    expect(verdicts(await matched(world, loadJournal(written.folder)))).toEqual([
      'applied',
      'pending',
      'pending',
    ]);
    await stockMigrate(version, world.admin.url, 'journal', { migrationsFolder: written.folder });
    expect(verdicts(await matched(world, loadJournal(written.folder)))).toEqual([
      'applied',
      'applied',
      'applied',
    ]);
  });

  it('what drizzle-kit migrate applied is applied for us', async () => {
    world = await ledgerWorld(version);
    written = await writeJournal(MIGRATIONS, { dialect: version.dialect });
    await kitMigrate(version, world.admin.url, written.folder);

    expect(verdicts(await matched(world, loadJournal(written.folder)))).toEqual([
      'applied',
      'applied',
      'applied',
    ]);
  });

  it('a ledger that we wrote survives the upgrade of drizzle-orm 1.0 by time and checksum', async () => {
    world = await ledgerWorld(version);
    written = await writeJournal(MIGRATIONS, { dialect: version.dialect });
    await applyAll(world, loadJournal(written.folder));
    const upgraded = await writeJournal(MIGRATIONS, { layout: 'folder', dialect: version.dialect });
    try {
      await stockMigrate(version, world.admin.url, 'folder', { migrationsFolder: upgraded.folder });

      const journal = loadJournal(upgraded.folder);
      expect(verdicts(await matched(world, journal))).toEqual(['applied', 'applied', 'applied']);
      // An old image after the upgrade still finds its migrations, whose names the kit made up.
      expect(verdicts(await matched(world, loadJournal(written.folder)))).toEqual([
        'applied',
        'applied',
        'applied',
      ]);
    } finally {
      await upgraded.remove();
    }
  });

  it.each([
    ['another table', { migrationsTable: 'my_ledger' }],
    ['a mixed-case table', { migrationsTable: 'MyLedger' }],
    ['another schema', { migrationsSchema: 'Ops data', migrationsTable: 'done' }],
  ])('finds the ledger in %s, and writes where stock looks', async (_where, options) => {
    world = await ledgerWorld(version, options);
    written = await writeJournal(MIGRATIONS.slice(0, 2), { dialect: version.dialect });
    await stockMigrate(version, world.admin.url, 'journal', {
      migrationsFolder: written.folder,
      ...options,
    });
    expect(verdicts(await matched(world, loadJournal(written.folder)))).toEqual([
      'applied',
      'applied',
    ]);

    await written.add(MIGRATIONS[2]);
    const journal = loadJournal(written.folder);
    const last = { ...journal, migrations: journal.migrations.slice(2) };
    await applyAll(world, last);
    await stockMigrate(version, world.admin.url, 'journal', {
      migrationsFolder: written.folder,
      ...options,
    });
    expect(verdicts(await matched(world, journal))).toEqual(['applied', 'applied', 'applied']);
  });
});
