import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { expectOldBuildWorks, type TestContext } from '../../src/testing/index.js';
import { folderUpTo } from '../../src/testing/old-build/folder-up-to.js';
import { loadJournal } from '../../src/journal/load-journal.js';
import {
  writeJournal,
  type JournalMigration,
  type WrittenJournal,
} from '../journals/write-journal.js';
import { servers } from '../servers/index.js';

let journal: WrittenJournal;
afterEach(() => journal?.remove());

const OLD: readonly JournalMigration[] = [
  {
    tag: '0000_init',
    sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), old_name varchar(20));',
  },
  { tag: '0001_orders', sql: 'CREATE TABLE orders (id int PRIMARY KEY, user_id int);' },
];
const FROM = { tag: '0001_orders' };
const ADDED = { tag: '0002_email', sql: 'ALTER TABLE users ADD COLUMN email varchar(99);' };
const CONTRACT = { tag: '0003_drop', sql: 'ALTER TABLE users DROP COLUMN old_name;' };
const BREAKING = { tag: '0003_rename', sql: 'ALTER TABLE users RENAME COLUMN name TO full_name;' };
/** Expand by its looks, and still no insert of the old build gets past it. */
const CHECK = {
  tag: '0002_check',
  sql: 'ALTER TABLE orders ADD CONSTRAINT user_given CHECK (user_id IS NOT NULL);',
};

/** What the previous release's tests do: they write and read what it knows. */
async function oldSuite({ query }: TestContext): Promise<void> {
  await query(`INSERT INTO users (id, name, old_name) VALUES (2, 'Grace', 'G')`);
  await query('INSERT INTO orders (id) VALUES (1)');
  const rows = await query('SELECT id FROM users WHERE old_name IS NOT NULL');
  if (rows.length !== 2) throw new Error(`found ${rows.length} users`);
}
const seed = async ({ query }: TestContext): Promise<void> => {
  await query(`INSERT INTO users (id, name, old_name) VALUES (1, 'Ada', 'A')`);
};

describe.each(['postgres18', 'mysql'] as const)(
  'the previous release on the new schema on %s',
  (server) => {
    const given = async (...added: readonly JournalMigration[]) => {
      journal = await writeJournal([...OLD, ...added], {
        dialect: server === 'mysql' ? 'mysql' : 'postgresql',
      });
      const { url } = await servers[server]();
      return { url, migrations: journal.folder, from: FROM, seed, suite: oldSuite };
    };

    it('works, with contracts held back until it is gone', async () => {
      expect(await expectOldBuildWorks(await given(ADDED, CONTRACT))).toEqual({
        applied: ['0002_email'],
        heldBack: ['0003_drop'],
      });
    });

    it('fails where a migration takes away what it needs, and its suite is known to be good', async () => {
      const failing = expectOldBuildWorks(await given(CHECK));
      await expect(failing).rejects.toMatchObject({
        code: 'ERR_ASSERTION',
        message: expect.stringMatching(
          /^The suite of the previous release fails on the new schema \(0002_check\)\. It passes on the schema of the previous release\./,
        ),
      });
      const never = { ...(await given(ADDED)), suite: () => Promise.reject(new Error('flaky')) };
      await expect(expectOldBuildWorks(never)).rejects.toMatchObject({
        message: expect.stringMatching(/as well: this says nothing about the migrations\.\nflaky$/),
      });
    });

    it('is refused beside a breaking migration as up refuses it, or runs on what comes before', async () => {
      const options = await given(ADDED, BREAKING);
      await expect(expectOldBuildWorks(options)).rejects.toMatchObject({
        code: 'REFUSED_BREAKING',
      });
      expect(await expectOldBuildWorks({ ...options, refused: 'hold-back' })).toEqual({
        applied: ['0002_email'],
        heldBack: ['0003_rename'],
      });
    });
  },
);

describe('a suite that is a program', () => {
  const script = (text: string) => ({ command: process.execPath, args: ['-e', text] });

  it('finds the database in DATABASE_URL, and fails with the end of what it said', async () => {
    journal = await writeJournal([...OLD, ADDED]);
    const { url } = await servers.postgres18();
    const options = { url, migrations: journal.folder, from: FROM };
    const looks = `new (require('pg').Client)(process.env.DATABASE_URL).connect().then(() => process.exit(0))`;
    expect(await expectOldBuildWorks({ ...options, suite: script(looks) })).toMatchObject({
      applied: ['0002_email'],
    });
    const fails = `console.log('3 tests failed at ' + process.env.DATABASE_URL); process.exit(1)`;
    await expect(expectOldBuildWorks({ ...options, suite: script(fails) })).rejects.toMatchObject({
      message: expect.stringMatching(/exit code 1\n3 tests failed at \(DATABASE_URL\)$/),
    });
  });
});

it.each(['journal', 'folder'] as const)(
  'a folder of the %s layout is cut behind a tag, and the original stays',
  async (layout) => {
    journal = await writeJournal([...OLD, ADDED], { layout });
    const [, tag = ''] = journal.names;
    const whole = loadJournal(journal.folder);
    const older = await folderUpTo(journal.folder, whole, tag);
    expect(loadJournal(older.folder).migrations.map((one) => [one.tag, one.checksum])).toEqual(
      whole.migrations.slice(0, 2).map((one) => [one.tag, one.checksum]),
    );
    await older.remove();
    expect(loadJournal(journal.folder).migrations).toHaveLength(3);
    await expect(folderUpTo(journal.folder, whole, '0009')).rejects.toMatchObject({
      code: 'UNKNOWN_TAG',
    });
    const left = await readdir(dirname(older.folder));
    expect(left).not.toContain(basename(older.folder));
  },
);
