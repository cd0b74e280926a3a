import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { readMigrationFiles as readMigrationFolders } from 'drizzle-orm-rc/migrator';
import { checksumVariants } from '../../src/journal/migration-file.js';
import { loadJournal } from '../../src/journal/load-journal.js';
import { productionFolders } from '../journals/fixtures.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { refusal } from './codes.js';

const ODD_FILES = [
  { tag: '0000_plain', sql: 'create table a (id int);' },
  {
    tag: '0001_crlf',
    sql: 'create table b (id int);\r\n--> statement-breakpoint\r\nselect 1;\r\n',
  },
  { tag: '0002_bom', sql: '\uFEFFcreate table c (id int);' },
  { tag: '0003_empty', sql: '' },
  { tag: '0004_text', sql: "insert into a values ('Grüße 日本 🦫 \uFFFD')" },
  { tag: '0005_bad_bytes', sql: Buffer.from([0x73, 0xff, 0xfe, 0x0a, 0xc3]) },
  { tag: '0006_empty', sql: '' },
] as const;

describe('the journal', () => {
  let written: WrittenJournal;

  afterEach(() => written?.remove());

  it('has order, time and checksum of drizzle-orm 0.45 for the journal layout', async () => {
    written = await writeJournal(ODD_FILES);
    const stock = readMigrationFiles({ migrationsFolder: written.folder });
    const ours = loadJournal(written.folder);

    expect(ours.layout).toBe('journal');
    expect(ours.migrations.map(({ checksum, createdAtMs }) => [checksum, createdAtMs])).toEqual(
      stock.map(({ hash, folderMillis }) => [hash, folderMillis]),
    );
  });

  it('has order, time, name and checksum of drizzle-orm 1.0 for the folder layout', async () => {
    written = await writeJournal(ODD_FILES, { layout: 'folder' });
    const stock = readMigrationFolders({ migrationsFolder: written.folder });
    const ours = loadJournal(written.folder);

    expect(ours.layout).toBe('folder');
    expect(
      ours.migrations.map(({ checksum, createdAtMs, tag }) => [checksum, createdAtMs, tag]),
    ).toEqual(stock.map(({ hash, folderMillis, name }) => [hash, folderMillis, name]));
  });

  it.each(Object.entries(productionFolders))(
    'reads the production folder for %s as stock does',
    (_dialect, folder) => {
      const stock = readMigrationFiles({ migrationsFolder: folder });
      const ours = loadJournal(folder).migrations;

      expect(ours.length).toBeGreaterThan(29);
      expect(ours.map(({ checksum }) => checksum)).toEqual(stock.map(({ hash }) => hash));
    },
  );

  it('reads text when asked, and refuses a file that changed in between', async () => {
    written = await writeJournal(ODD_FILES.slice(0, 1));
    const [migration] = loadJournal(written.folder).migrations;
    expect(migration?.read()).toBe(ODD_FILES[0].sql);

    await appendFile(join(written.folder, '0000_plain.sql'), '\n');
    expect(refusal(() => migration?.read())).toMatchObject({
      code: 'JOURNAL_CHANGED',
      place: { migration: '0000_plain' },
    });
  });

  it('knows the line of the first byte that is not UTF-8, and no line for valid files', async () => {
    written = await writeJournal([
      { tag: '0000_ok', sql: "select '\uFFFD'" },
      { tag: '0001_bad', sql: Buffer.concat([Buffer.from('-- ä\n\n'), Buffer.from([0xe4, 0x0a])]) },
    ]);
    expect(loadJournal(written.folder).migrations.map(({ invalidLine }) => invalidLine)).toEqual([
      null,
      3,
    ]);
  });

  it('finds down files and takes them for no orphans', async () => {
    for (const layout of ['journal', 'folder'] as const) {
      written = await writeJournal(
        [
          { tag: '0000_a', sql: 'select 1', down: 'select 2' },
          { tag: '0001_b', sql: 'select 1' },
        ],
        { layout },
      );
      const journal = loadJournal(written.folder, './drizzle');
      expect(journal.migrations.map(({ downFile }) => downFile)).toEqual([
        layout === 'journal'
          ? join('drizzle', '0000_a.down.sql')
          : join('drizzle', written.names[0] ?? '', 'down.sql'),
        null,
      ]);
      expect(journal.findings).toEqual([]);
      await written.remove();
    }
  });

  it('names an orphan file and goes on', async () => {
    written = await writeJournal(ODD_FILES.slice(0, 1));
    await writeFile(join(written.folder, '0130_abandoned_dagger.sql'), 'select 1');
    const journal = loadJournal(written.folder, './drizzle');

    expect(journal.migrations).toHaveLength(1);
    expect(journal.findings).toMatchObject([
      {
        code: 'orphan-file',
        severity: 'warning',
        file: join('drizzle', '0130_abandoned_dagger.sql'),
      },
    ]);
  });

  it('warns of times that stock would trip over', async () => {
    const now = Date.UTC(2026, 5, 1);
    written = await writeJournal([
      { tag: '0000_a', sql: 'select 1', when: now },
      { tag: '0001_older', sql: 'select 1', when: now - 60_000 },
      { tag: '0002_same_second', sql: 'select 1', when: now + 400 },
      { tag: '0003_future', sql: 'select 1', when: now + 86_400_000 },
    ]);
    const { findings } = loadJournal(written.folder, written.folder, now);

    expect(findings.map(({ code, tag }) => [code, tag])).toEqual([
      ['time-not-increasing', '0001_older'],
      ['same-second', '0002_same_second'],
      ['time-in-future', '0003_future'],
    ]);
  });

  it('gives the checksums of both line endings, whichever the file has', async () => {
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
    const expected = { lf: sha('a\nb\n'), crlf: sha('a\r\nb\r\n') };
    expect(checksumVariants('a\nb\n')).toEqual(expected);
    expect(checksumVariants('a\r\nb\r\n')).toEqual(expected);
    expect(checksumVariants('a\r\nb\n')).toEqual(expected);

    written = await writeJournal([{ tag: '0000_a', sql: 'a\r\nb\r\n' }]);
    const [migration] = loadJournal(written.folder).migrations;
    expect(migration?.lineEndingChecksums()).toEqual([expected.lf, expected.crlf]);
  });

  it('tolerates a byte order mark in _journal.json', async () => {
    written = await writeJournal(ODD_FILES.slice(0, 1));
    const file = join(written.folder, 'meta', '_journal.json');
    await writeFile(file, `\uFEFF${await readFile(file, 'utf8')}`);
    expect(loadJournal(written.folder).migrations).toHaveLength(1);
  });
});
