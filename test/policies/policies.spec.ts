import type { Policies } from '../../src/plan/plan.js';
import { refusalOf } from '../bad-input/refusals.js';
import { stockMigrate } from '../journals/stock.js';
import {
  type JournalLayout,
  type JournalMigration,
  writeJournal,
} from '../journals/write-journal.js';
import { ledgerCount, migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import { databases } from '../servers/index.js';

const DAY_MS = 86_400_000;
const at = (minute: number): number => Date.UTC(2026, 0, 1) + minute * 60_000;

const FIRST = { tag: '0000_first', sql: 'CREATE TABLE first (id int, old int);', when: at(0) };
const THIRD = { tag: '0002_third', sql: 'CREATE TABLE third (id int);', when: at(2) };
const FOURTH = { tag: '0003_fourth', sql: 'CREATE TABLE fourth (id int);', when: at(3) };
/** What a late merge puts between them. */
const late = (sql: string): JournalMigration => ({ tag: '0001_late', sql, when: at(1) });

// Both layouts on both dialects, each on one of two versions.
const worlds = databases.map((one) => {
  const { server } = one;
  const layout: JournalLayout =
    server === 'postgres18' || server === 'mariadb' ? 'journal' : 'folder';
  return { ...one, layout };
});

describe.each(worlds)('policies on $name ($layout layout)', ({ server, dialect, layout }) => {
  const stockLine = layout === 'journal' ? '0.45' : 'rc';
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  /** A database in which these migrations are applied, by us or by stock. */
  async function applied(
    migrations: readonly JournalMigration[],
    by: 'us' | 'stock' = 'us',
  ): Promise<MigratorWorld> {
    const world = await migratorWorld(server, migrations, layout);
    opened.push(world);
    if (by === 'us') await world.migrator().up();
    else await stockMigrate(world.database.url, world.journal.folder, stockLine);
    return world;
  }

  /** A migrator on the same database with another folder: another build. */
  async function build(
    world: MigratorWorld,
    migrations: readonly JournalMigration[],
    policies: Partial<Policies> = {},
  ) {
    const journal = await writeJournal(migrations, { dialect, layout });
    opened.push({ close: () => journal.remove() });
    return {
      ...world.migrator({ migrations: journal.folder, policies }),
      names: journal.names,
    };
  }

  const codes = (findings: readonly { readonly code: string }[]): readonly string[] =>
    findings.map(({ code }) => code).filter((code) => code !== 'several-ddl');

  describe('out of order', () => {
    it('an expand is applied, with a warning that names it', async () => {
      const world = await applied([FIRST, THIRD]);
      const migrator = await build(world, [
        FIRST,
        late('CREATE TABLE late (id int)'),
        THIRD,
        FOURTH,
      ]);
      const { applied: done, findings } = await migrator.up();
      expect(done.map(({ tag }) => tag)).toEqual([migrator.names[1], migrator.names[3]]);
      expect(findings).toMatchObject([
        { code: 'out-of-order', severity: 'warning', tag: migrator.names[1] },
      ]);
      expect(await ledgerCount(world)).toBe(4);
    });

    it.each([
      ['contract', 'ALTER TABLE first DROP COLUMN old'],
      ['breaking', 'ALTER TABLE first RENAME COLUMN old TO new_name'],
    ])('a %s is refused with 7, and nothing after it is applied', async (impact, sql) => {
      const world = await applied([FIRST, THIRD]);
      const migrator = await build(world, [FIRST, late(sql), THIRD, FOURTH]);
      const error = await refusalOf(migrator.up());
      expect(error).toMatchObject({
        code: 'REFUSED_OUT_OF_ORDER',
        exitCode: 7,
        place: { migration: migrator.names[1] },
        state: 'Nothing was changed.',
        details: { impact },
      });
      expect(await ledgerCount(world)).toBe(2);
      expect((await migrator.plan()).refusals).toMatchObject([{ code: 'REFUSED_OUT_OF_ORDER' }]);
    });

    it('an expand is refused where the policy says so', async () => {
      const world = await applied([FIRST, THIRD]);
      const migrator = await build(world, [FIRST, late('CREATE TABLE late (id int)'), THIRD], {
        outOfOrder: 'error',
      });
      expect((await refusalOf(migrator.up())).code).toBe('REFUSED_OUT_OF_ORDER');
      expect(await ledgerCount(world)).toBe(2);
    });

    it('a fresh database applies all of it in order, contracts too', async () => {
      const world = await applied([FIRST, late('ALTER TABLE first DROP COLUMN old'), THIRD]);
      expect(await ledgerCount(world)).toBe(3);
    });
  });

  describe('edited', () => {
    const EDIT = 'CREATE TABLE first (id bigint, old int);';

    it('after we applied it: 4, until the file as it is is accepted', async () => {
      const world = await applied([FIRST]);
      await world.journal.edit(FIRST.tag, EDIT);
      await world.journal.add(THIRD);
      const migrator = world.migrator();
      const [tag] = world.journal.names;
      expect(await refusalOf(migrator.up())).toMatchObject({
        code: 'EDITED',
        exitCode: 4,
        place: { migration: tag, file: expect.stringContaining(String(tag)) },
        state: 'Nothing was changed.',
        remedy: expect.stringContaining(`nest-migrate repair ${tag} accept-checksum`),
      });
      expect(await ledgerCount(world)).toBe(1);
      await migrator.repair(String(tag), 'accept-checksum', { reason: 'reviewed' });
      expect(codes((await migrator.up()).findings)).toEqual([]);
      expect(await ledgerCount(world)).toBe(2);
    });

    it('after we applied it, where the policy only warns: the rest is applied', async () => {
      const world = await applied([FIRST]);
      await world.journal.edit(FIRST.tag, EDIT);
      await world.journal.add(THIRD);
      const { findings } = await world.migrator({ policies: { edited: 'warn' } }).up();
      expect(codes(findings)).toEqual(['edited']);
      expect(await ledgerCount(world)).toBe(2);
    });

    it('after stock applied it, which never looked: adopted by its time, with a warning', async () => {
      const world = await applied([FIRST], 'stock');
      await world.journal.edit(FIRST.tag, EDIT);
      await world.journal.add(THIRD);
      const { applied: done, findings } = await world.migrator().up();
      expect(codes(findings)).toEqual(['edited-before-adoption']);
      expect(done).toHaveLength(1);
    });

    it('comments only: a warning', async () => {
      const world = await applied([FIRST]);
      await world.journal.edit(FIRST.tag, `-- @impact expand\n${FIRST.sql} -- reviewed`);
      await world.journal.add(THIRD);
      expect(codes((await world.migrator().up()).findings)).toEqual(['comments-changed']);
      expect(await ledgerCount(world)).toBe(2);
    });

    it.each(['us', 'stock'] as const)('line endings only, applied by %s: a warning', async (by) => {
      const sql = 'CREATE TABLE first (\n  id int\n);\n';
      const world = await applied([{ ...FIRST, sql }], by);
      await world.journal.edit(FIRST.tag, sql.replaceAll('\n', '\r\n'));
      await world.journal.add(THIRD);
      const { findings } = await world.migrator().up();
      expect(codes(findings)).toEqual(['line-endings']);
      expect(findings[0]?.message).toContain('.gitattributes');
    });
  });

  describe('a ledger that is ahead', () => {
    it('is allowed and listed, and an older build applies what it alone has', async () => {
      const world = await applied([FIRST, THIRD]);
      const older = await build(world, [FIRST, FOURTH]);
      const { applied: done, findings } = await older.up();
      expect(done.map(({ tag }) => tag)).toEqual([older.names[1]]);
      expect(codes(findings)).toEqual(['ledger-ahead']);
      const { ahead, counts } = await older.status();
      expect(ahead).toMatchObject([{ createdAt: String(THIRD.when) }]);
      expect(counts).toMatchObject({ applied: 2, pending: 0, unknown: 1 });
    });

    it('is refused where the policy says so', async () => {
      const world = await applied([FIRST, THIRD]);
      const older = await build(world, [FIRST], { ahead: 'error' });
      expect(await refusalOf(older.up())).toMatchObject({
        code: 'LEDGER_AHEAD',
        exitCode: 4,
        state: 'Nothing was changed.',
        details: { unknown: [layout === 'journal' ? String(THIRD.when) : world.journal.names[1]] },
      });
      expect((await older.plan()).refusals).toMatchObject([{ code: 'LEDGER_AHEAD' }]);
      expect(await ledgerCount(world)).toBe(2);
    });
  });

  describe('times', () => {
    it('in the future: applied, with a warning', async () => {
      const when = Date.now() + 30 * DAY_MS;
      const world = await migratorWorld(server, [FIRST, { ...THIRD, when }], layout);
      opened.push(world);
      const { applied: done, findings } = await world.migrator().up();
      expect(done).toHaveLength(2);
      expect(codes(findings)).toEqual(['time-in-future']);
    });

    it('one time twice: both applied, once, with a warning', async () => {
      const world = await migratorWorld(
        server,
        [FIRST, { ...THIRD, when: FIRST.when }, { ...FOURTH, when: FIRST.when }],
        layout,
      );
      opened.push(world);
      const { applied: done, findings } = await world.migrator().up();
      expect(done).toHaveLength(3);
      expect(codes(findings)).toEqual(['same-second', 'same-second']);
      expect((await world.migrator().up()).outcome).toBe('nothing-to-do');
      expect(await ledgerCount(world)).toBe(3);
    });

    it('one time twice, and a row that fits both: refused with 4 and the repair', async () => {
      const world = await applied([FIRST], 'stock');
      const twin = { ...THIRD, when: FIRST.when };
      const migrator = await build(
        world,
        layout === 'journal'
          ? [{ ...FIRST, sql: 'SELECT 1' }, twin]
          : [{ ...FIRST, tag: '0000_renamed', sql: 'SELECT 1' }, twin],
      );
      const error = await refusalOf(migrator.up());
      expect(error).toMatchObject({ code: 'AMBIGUOUS', exitCode: 4 });
      expect(error.remedy).toContain('nest-migrate repair');
      expect(await ledgerCount(world)).toBe(1);
    });
  });
});
