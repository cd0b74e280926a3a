import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadJournal } from '../../src/journal/load-journal.js';
import { refusal } from './codes.js';

describe('a folder that cannot be a journal', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bad-journal-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const entry = (tag: unknown, when: unknown = 1): object => ({ idx: 0, version: '7', when, tag });
  const index = (...entries: readonly unknown[]): string =>
    JSON.stringify({ version: '7', dialect: 'postgresql', entries });
  const refused = () => refusal(() => loadJournal(folder, './drizzle'));

  it('says which absolute path was tried when there is none', () => {
    const error = refusal(() => loadJournal(join(folder, 'nowhere'), './nowhere'));
    expect(error.code).toBe('JOURNAL_NOT_FOUND');
    expect(error.message).toContain(join(folder, 'nowhere'));
    expect(error.exitCode).toBe(4);
  });

  it('is empty', () => {
    expect(refused().code).toBe('JOURNAL_EMPTY');
  });

  it('has a journal without entries', async () => {
    await put('meta/_journal.json', index());
    expect(refused()).toMatchObject({
      code: 'JOURNAL_EMPTY',
      place: { file: join('drizzle', 'meta', '_journal.json') },
    });
  });

  it('is the parent of the folder that was meant, and says so', async () => {
    await put('postgresql/meta/_journal.json', index(entry('0000_a')));
    const error = refused();
    expect(error.code).toBe('JOURNAL_NOT_FOUND');
    expect(error.remedy).toContain(join(folder, 'postgresql'));
  });

  it('lists a migration whose file is not there', async () => {
    await put('meta/_journal.json', index(entry('0000_a'), entry('0001_gone')));
    await put('0000_a.sql', 'select 1');
    const error = refused();
    expect(error).toMatchObject({
      code: 'JOURNAL_FILE_MISSING',
      place: { migration: '0001_gone', file: join('drizzle', '0001_gone.sql') },
    });
    expect(error.message).toContain(join(folder, '0001_gone.sql'));
  });

  it.each([
    ['text that is no JSON', '{ "entries": [\n  nonsense\n', undefined],
    ['a comma too many', '{\n  "entries": [],\n}', 3],
    [
      'git conflict markers',
      '{\n  "entries": [\n<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> feature\n]}',
      3,
    ],
    ['no list of entries', '{"version":"7"}', undefined],
    ['entries that are no list', '{"entries":{}}', undefined],
    ['an entry that is no object', index('0000_a'), undefined],
    ['an entry without tag', index({ idx: 0, when: 1 }), undefined],
    ['an entry with an empty tag', index(entry(' ')), undefined],
    ['an entry whose time is text', index(entry('0000_a', '1')), undefined],
    ['an entry whose time is a fraction', index(entry('0000_a', 1.5)), undefined],
    ['an entry whose time no Date can hold', index(entry('0000_a', 9e15)), undefined],
    ['null', 'null', undefined],
  ])('has a journal with %s', async (_what, text, line) => {
    await put('meta/_journal.json', text);
    const error = refused();
    expect(error.code).toBe('JOURNAL_MALFORMED');
    expect(error.place.file).toBe(join('drizzle', 'meta', '_journal.json'));
    expect(error.place.line).toBe(line);
  });

  it.each(['../outside', '/etc/passwd', 'a\\b', '..', 'sub/0000_a'])(
    'has a tag that leads out of the folder: %s',
    async (tag) => {
      await put('meta/_journal.json', index(entry(tag)));
      expect(refused().code).toBe('JOURNAL_BAD_NAME');
    },
  );

  it('lists one tag twice', async () => {
    await put('meta/_journal.json', index(entry('0000_a'), entry('0000_a', 2)));
    await put('0000_a.sql', 'select 1');
    expect(refused()).toMatchObject({
      code: 'JOURNAL_DUPLICATE_TAG',
      place: { migration: '0000_a' },
    });
  });

  it('has both layouts, as a drizzle-kit up that was not finished leaves it', async () => {
    await put('meta/_journal.json', index(entry('0000_a')));
    await put('0000_a.sql', 'select 1');
    await put('20260101000000_a/migration.sql', 'select 1');
    expect(refused()).toMatchObject({
      code: 'JOURNAL_MIXED_LAYOUT',
      details: { folders: ['20260101000000_a'] },
    });
  });

  it('has a migration folder whose name is no time', async () => {
    await put('init/migration.sql', 'select 1');
    expect(refused()).toMatchObject({ code: 'JOURNAL_BAD_NAME', place: { migration: 'init' } });
  });
});
