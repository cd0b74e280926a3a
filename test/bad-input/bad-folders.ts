import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorCode } from '../../src/errors.js';
import {
  type JournalLayout,
  type WrittenJournal,
  writeJournal,
} from '../journals/write-journal.js';

type Dialect = 'postgresql' | 'mysql';

/** A migrations folder that nobody can run, and what must be said of it. */
export interface BadFolder {
  /** What is wrong with it, as the end of a sentence that begins with "a folder". */
  readonly name: string;
  readonly code: ErrorCode;
  /** Where the mistake is: the file below the folder, and more where the file can be read that far. */
  readonly place: {
    readonly file?: string;
    readonly migration?: string;
    readonly line?: number;
    readonly statement?: number;
    readonly statements?: number;
  };
  readonly dialects: readonly Dialect[];
  readonly write: (dialect: Dialect) => Promise<WrittenJournal>;
}

/** Stands first in every folder: a refusal of what follows must leave it unapplied too. */
const INNOCENT = { tag: '0000_innocent', sql: 'CREATE TABLE innocent (id int)' };
const BAD = '0001_bad';
const BOTH: readonly Dialect[] = ['postgresql', 'mysql'];

/** The second file of the folder has this text. */
function badFile(
  name: string,
  code: ErrorCode,
  sql: string | Uint8Array,
  place: Omit<BadFolder['place'], 'file' | 'migration'>,
  dialects = BOTH,
): BadFolder {
  return {
    name: `with ${name}`,
    code,
    place: { migration: BAD, file: `${BAD}.sql`, ...place },
    dialects,
    write: (dialect) => writeJournal([INNOCENT, { tag: BAD, sql }], { dialect }),
  };
}

/** The folder is spoilt after it was written. */
function badFolder(
  name: string,
  code: ErrorCode,
  place: BadFolder['place'],
  spoil: (folder: string) => Promise<unknown>,
  layout: JournalLayout = 'journal',
): BadFolder {
  return {
    name,
    code,
    place,
    dialects: BOTH,
    write: async (dialect) => {
      const journal = await writeJournal(
        [INNOCENT, { tag: BAD, sql: 'CREATE TABLE bad (id int)' }],
        {
          dialect,
          layout,
        },
      );
      await spoil(journal.folder);
      return journal;
    },
  };
}

const INDEX = join('meta', '_journal.json');
const index = (folder: string, text: string): Promise<void> => writeFile(join(folder, INDEX), text);
const entry = (tag: string, when = 1): object => ({ idx: 0, version: '7', when, tag });

/** Every bad folder of the issue. */
export const badFolders: readonly BadFolder[] = [
  badFolder('that does not exist', 'JOURNAL_NOT_FOUND', {}, (folder) =>
    rm(folder, { recursive: true }),
  ),
  badFolder('that is a file', 'JOURNAL_NOT_FOUND', {}, async (folder) => {
    await rm(folder, { recursive: true });
    await writeFile(folder, 'CREATE TABLE bad (id int)');
  }),
  badFolder('with a journal of no entries', 'JOURNAL_EMPTY', { file: INDEX }, (folder) =>
    index(folder, '{"version":"7","dialect":"postgresql","entries":[]}'),
  ),
  badFolder(
    'with an entry without a file',
    'JOURNAL_FILE_MISSING',
    { migration: BAD, file: `${BAD}.sql` },
    (folder) => rm(join(folder, `${BAD}.sql`)),
  ),
  badFolder('with malformed JSON', 'JOURNAL_MALFORMED', { file: INDEX, line: 3 }, (folder) =>
    index(folder, '{\n  "entries": [],\n}'),
  ),
  badFolder(
    'with two migrations of one tag',
    'JOURNAL_DUPLICATE_TAG',
    { migration: INNOCENT.tag, file: `${INNOCENT.tag}.sql` },
    (folder) =>
      index(folder, JSON.stringify({ entries: [entry(INNOCENT.tag), entry(INNOCENT.tag, 2)] })),
  ),
  badFolder('of both layouts', 'JOURNAL_MIXED_LAYOUT', { file: INDEX }, async (folder) => {
    await mkdir(join(folder, '20260101000000_more'));
    await writeFile(join(folder, '20260101000000_more', 'migration.sql'), 'SELECT 1');
  }),
  badFolder(
    'with a migration folder whose name is no time',
    'JOURNAL_BAD_NAME',
    { migration: 'more', file: join('more', 'migration.sql') },
    async (folder) => {
      await mkdir(join(folder, 'more'));
      await writeFile(join(folder, 'more', 'migration.sql'), 'SELECT 1');
    },
    'folder',
  ),
  badFile('a misspelt directive', 'UNKNOWN_DIRECTIVE', 'SELECT 1;\n-- @transacton off\nSELECT 2', {
    line: 2,
  }),
  badFile('an unknown directive', 'UNKNOWN_DIRECTIVE', '-- @author somebody\nSELECT 2', {
    line: 1,
  }),
  badFile('a directive with a wrong value', 'INVALID_DIRECTIVE', '-- @impact none\nSELECT 1', {
    line: 1,
  }),
  badFile(
    '@requires of a migration that it does not have',
    'INVALID_DIRECTIVE',
    '\n-- @requires 0009_nowhere\nSELECT 1',
    { line: 2 },
  ),
  badFile(
    'an operation that nobody registered',
    'UNKNOWN_OPERATION',
    '-- @operation users-email expand\nALTER TABLE mine ADD COLUMN email int',
    { line: 1 },
  ),
  badFile(
    'a code migration that nobody registered',
    'UNKNOWN_CODE_MIGRATION',
    'SELECT 1;\n-- @run fill\nSELECT 2',
    { line: 2 },
  ),
  badFile('a quote that never ends', 'UNTERMINATED', "SELECT 1;\n\nSELECT 'open;\nSELECT 2;\n", {
    line: 3,
  }),
  badFile('a block comment that never ends', 'UNTERMINATED', 'SELECT 1;\n/* open\nSELECT 2;\n', {
    line: 2,
  }),
  badFile(
    'a dollar quote that never ends',
    'UNTERMINATED',
    'SELECT 1;\nDO $do$ BEGIN NULL; END $od$;',
    { line: 2 },
    ['postgresql'],
  ),
  badFile('a backtick that never ends', 'UNTERMINATED', 'SELECT 1;\nSELECT `open;', { line: 2 }, [
    'mysql',
  ]),
  badFile('a top-level ROLLBACK', 'STATEMENT_REFUSED', 'SELECT 1;\nROLLBACK;\nSELECT 2', {
    line: 2,
    statement: 2,
    statements: 3,
  }),
  badFile('a psql meta-command', 'STATEMENT_REFUSED', '\\restrict abc\nSELECT 1;', { line: 1 }, [
    'postgresql',
  ]),
  badFile(
    'COPY FROM STDIN',
    'STATEMENT_REFUSED',
    'SELECT 1;\nCOPY mine FROM STDIN;\n1\n\\.\n',
    { line: 2 },
    ['postgresql'],
  ),
  badFile('DELIMITER', 'STATEMENT_REFUSED', 'SELECT 1;\nDELIMITER //\nSELECT 2//', { line: 2 }, [
    'mysql',
  ]),
  badFile('bytes that are not UTF-8', 'INVALID_UTF8', Buffer.from([0x2d, 0x2d, 0x0a, 0xff]), {
    line: 2,
  }),
];
