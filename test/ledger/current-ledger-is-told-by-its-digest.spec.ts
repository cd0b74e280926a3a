import type { JournalLayout } from '../../src/journal/journal.js';
import { loadJournal } from '../../src/journal/load-journal.js';
import type { LedgerSnapshot } from '../../src/ledger/ledger.js';
import { matchLedger } from '../../src/ledger/match-ledger.js';
import { readLedger } from '../../src/ledger/read-ledger.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { databases } from '../servers/index.js';
import { applyAll, factsOf, ledgerWorld, type LedgerWorld } from './ledger-world.js';

const WHEN = 1_767_225_600_000;
const MIGRATIONS = [
  { tag: '0000_init', sql: 'create table a (id int primary key)', when: WHEN },
  { tag: '0001_zwölf', sql: 'insert into a values (1)', when: WHEN + 5000 },
  // Dated before, applied after: the digest must not depend on the order of ids.
  { tag: '0002_merged_late', sql: 'insert into a values (2)', when: WHEN + 1000 },
] as const;

const layouts: readonly JournalLayout[] = ['journal', 'folder'];

describe.each(databases)('a ledger that is as the journal expects, on $name', (version) => {
  let world: LedgerWorld;
  let written: WrittenJournal;
  const ledger =
    version.dialect === 'mysql' ? '__drizzle_migrations' : 'drizzle.__drizzle_migrations';

  afterEach(async () => {
    await world.drop();
    await written.remove();
  });

  const expecting = (): Promise<LedgerSnapshot> =>
    world.withSession((session) =>
      readLedger(session, world.location, { expect: loadJournal(written.folder).migrations }),
    );
  /** Rows that were assembled and not read have no ids. */
  const toldByDigest = ({ rows }: LedgerSnapshot): boolean => rows.every(({ id }) => id === '');

  it.each(layouts)(
    'is told by its digest in the %s layout, and matches as if it were read',
    async (layout) => {
      world = await ledgerWorld(version, { layout });
      written = await writeJournal(MIGRATIONS, { layout, dialect: version.dialect });
      const journal = loadJournal(written.folder);
      await applyAll(world, journal);

      const snapshot = await expecting();
      expect(toldByDigest(snapshot)).toBe(true);
      const whole = await world.withSession((session) => readLedger(session, world.location));
      const byName = (one: LedgerSnapshot) =>
        matchLedger(journal.migrations, one).entries.map(({ tag, verdict }) => [tag, verdict]);
      expect(byName(snapshot)).toEqual(byName(whole));
      expect(snapshot).toMatchObject({ version: whole.version, bootstrapped: true, attempts: [] });
    },
  );

  it('still shows an attempt that is running or failed, and the answers to such', async () => {
    world = await ledgerWorld(version);
    written = await writeJournal(MIGRATIONS, { dialect: version.dialect });
    const journal = loadJournal(written.folder);
    await applyAll(world, journal);
    const [facts] = factsOf(journal);
    if (!facts) throw new Error('facts');
    await world.asRunner(async (writer) => {
      await writer.begin(
        { ...facts, tag: '0003_newer_build' },
        { cursor: 1, inFlight: null, digest: null },
      );
      await writer.repair(
        { ...facts, reason: 'r', resolution: 'rolled-back', inFlight: null, cursor: 0 },
        false,
      );
    });

    const snapshot = await expecting();
    expect(toldByDigest(snapshot)).toBe(true);
    expect(snapshot.attempts).toMatchObject([
      { kind: 'migration', tag: '0003_newer_build', state: 'running' },
      { kind: 'repair', tag: facts.tag },
    ]);
  });

  it.each([
    ['a row more', `insert into ${ledger} (hash, created_at) values ('x', 1)`],
    [
      'a row twice',
      `insert into ${ledger} (hash, created_at) select hash, created_at from ${ledger}`,
    ],
    ['a row less', `delete from ${ledger} where id = 2`],
    ['another hash', `update ${ledger} set hash = 'x' where id = 2`],
    ['another time', `update ${ledger} set created_at = created_at + 1 where id = 2`],
    ['no time', `update ${ledger} set created_at = null where id = 2`],
    ['no rows', `delete from ${ledger}`],
  ])('is read in full with %s', async (_what, sql) => {
    world = await ledgerWorld(version);
    written = await writeJournal(MIGRATIONS, { dialect: version.dialect });
    await applyAll(world, loadJournal(written.folder));
    await world.admin.query(sql);

    const snapshot = await expecting();
    expect(snapshot).toEqual(
      await world.withSession((session) => readLedger(session, world.location)),
    );
    expect(snapshot.attempts).toHaveLength(3);
    expect(snapshot.rows.every(({ id }) => id !== '')).toBe(true);
  });
});
