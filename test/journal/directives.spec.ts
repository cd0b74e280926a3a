import type { Journal, ParsedMigration } from '../../src/journal/journal.js';
import { loadJournal } from '../../src/journal/load-journal.js';
import {
  parseMigration,
  registeredOnly,
  type ParseOptions,
} from '../../src/journal/parse-migration.js';
import { tokenChecksum } from '../../src/statements/token-checksum.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { refusal } from './codes.js';

describe('a migration file', () => {
  const written: WrittenJournal[] = [];

  afterEach(async () => {
    await Promise.all(written.splice(0).map((journal) => journal.remove()));
  });

  const journalOf = async (...files: readonly (string | Uint8Array)[]): Promise<Journal> => {
    const journal = await writeJournal(files.map((sql, index) => ({ tag: `000${index}_m`, sql })));
    written.push(journal);
    return loadJournal(journal.folder, './drizzle');
  };
  const parse = async (
    sql: string | Uint8Array,
    options: Partial<ParseOptions> = {},
  ): Promise<ParsedMigration> => {
    const [migration] = (await journalOf(sql)).migrations;
    if (!migration) throw new Error('no migration');
    return parseMigration(migration, { dialect: 'postgresql', ...options });
  };
  const refused = async (sql: string | Uint8Array, options: Partial<ParseOptions> = {}) => {
    const [migration] = (await journalOf(sql)).migrations;
    if (!migration) throw new Error('no migration');
    return refusal(() =>
      registeredOnly(parseMigration(migration, { dialect: 'postgresql', ...options })),
    );
  };

  it('has every directive read, with the statement that it stands above', async () => {
    const { directives } = await parse(
      [
        '-- @impact breaking',
        '-- @requires 0000_m',
        '--@transaction off',
        '  --   @lock-timeout 2s   ',
        '-- @statement-timeout 10min',
        '-- @allow drop-column: nobody reads it: since 3.2',
        '-- @irreversible the rows are gone',
        'select 1;',
        '-- @online',
        'create index i on t (a);',
        '-- @run fill.names',
        'select 3; -- @run later',
        '-- @operation users-email expand',
        'select 4;',
        '-- @operation users-email verify',
      ].join('\n'),
      {
        codeMigrations: new Set(['fill.names', 'later']),
        operations: new Set(['users-email']),
        tags: new Set(['0000_m']),
      },
    );
    expect(directives).toEqual({
      impact: 'breaking',
      requires: '0000_m',
      transaction: 'off',
      lockTimeoutMs: 2000,
      statementTimeoutMs: 600_000,
      allow: [{ rule: 'drop-column', reason: 'nobody reads it: since 3.2', line: 6 }],
      irreversible: 'the rows are gone',
      online: [{ fromStatement: 1, line: 9 }],
      undone: [],
      run: [
        { name: 'fill.names', beforeStatement: 2, line: 11 },
        { name: 'later', beforeStatement: 3, line: 12 },
      ],
      operations: [
        { name: 'users-email', phase: 'expand', fromStatement: 3, line: 13 },
        { name: 'users-email', phase: 'verify', fromStatement: 4, line: 15 },
      ],
    });
  });

  it.each([
    ['500ms', 500],
    ['2s', 2000],
    ['10min', 600_000],
    ['1h', 3_600_000],
  ])('reads %s as %d milliseconds', async (text, ms) => {
    expect((await parse(`-- @lock-timeout ${text}\nselect 1`)).directives.lockTimeoutMs).toBe(ms);
  });

  it.each([
    ['prose', '-- see @deprecated\nselect 1'],
    ['a literal', "select '\n-- @nonsense\n'"],
    ['a dollar quote', 'do $$\n-- @nonsense\nbegin end $$'],
    ['a block comment', '/*\n-- @nonsense\n*/ select 1'],
    ['a quoted name', 'select 1 as "\n-- @nonsense\n"'],
    [
      "a routine's body",
      'create function f() returns int begin atomic\n-- @param none\nselect 1; end;\n-- see above',
    ],
  ])('has no directive in %s', async (_where, sql) => {
    await expect(parse(sql)).resolves.toMatchObject({ directives: { impact: null } });
  });

  it.each([
    ['-- @imapct expand', 'impact'],
    ['-- @Online', 'online'],
    ['-- @lock_timeout 2s', 'lock-timeout'],
    ['-- @requirse 0000_m', 'requires'],
    ['-- @ online', 'online'],
    ['-- @author somebody', undefined],
    ['-- @', undefined],
    ['-- @online: yes', 'online'],
  ])('refuses %s and lists the known', async (line, meant) => {
    const error = await refused(`select 1;\r\n${line}\r\nselect 2`);
    expect(error).toMatchObject({
      code: 'UNKNOWN_DIRECTIVE',
      place: { migration: '0000_m', file: 'drizzle/0000_m.sql', line: 2 },
    });
    expect(error.details['meant']).toBe(meant);
    expect(error.message).toContain('@statement-timeout');
  });

  it('repeats nothing of an unknown directive that could be a secret', async () => {
    const error = await refused("-- @password='hunter2'\nselect 1");
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it.each([
    '-- @impact',
    '-- @impact big',
    '-- @impact expand contract',
    '-- @requires',
    '-- @requires 0000_m 0001_m',
    '-- @requires 0009_missing',
    '-- @transaction on',
    '-- @lock-timeout',
    '-- @lock-timeout 2',
    '-- @lock-timeout 2 minutes',
    '-- @lock-timeout 0s',
    '-- @lock-timeout -1s',
    '-- @statement-timeout 9999h',
    '-- @allow drop-column',
    '-- @allow drop-column:',
    '-- @allow : because',
    '-- @irreversible',
    '-- @online please',
    '-- @run',
    '-- @run two words',
    '-- @operation rename',
    '-- @operation rename sideways',
    '-- @operation rename expand now',
    '-- @transaction off\n-- @transaction off',
    '-- @impact expand\n-- @impact contract',
  ])('refuses %s', async (line) => {
    const error = await refused(`${line}\nselect 1`, { tags: new Set(['0000_m']) });
    expect(error.code).toBe('INVALID_DIRECTIVE');
    expect(error.place.line).toBe(line.split('\n').length);
    expect(error.exitCode).toBe(4);
  });

  it('refuses @online with nothing below it', async () => {
    expect((await refused('select 1;\n-- @online')).code).toBe('INVALID_DIRECTIVE');
  });

  it('refuses an operation that is not registered, unless the database is empty', async () => {
    const sql = '-- @operation users-email expand\nalter table users add column email text';
    expect(await refused(sql)).toMatchObject({
      code: 'UNKNOWN_OPERATION',
      place: { line: 1 },
      remedy: expect.stringMatching(/`operations`.*the command line .*--module/),
    });
    expect((await parse(sql, { databaseEmpty: true })).directives.operations).toHaveLength(1);
  });

  it('refuses a code migration that is not registered, also on an empty database', async () => {
    const error = await refused('-- @run fill\nselect 1', {
      databaseEmpty: true,
      codeMigrations: new Set(['other']),
    });
    expect(error).toMatchObject({
      code: 'UNKNOWN_CODE_MIGRATION',
      place: { line: 1 },
      details: { registered: ['other'] },
      remedy: expect.stringMatching(/`codeMigrations`.*the command line .*--module/),
    });
  });

  it('names the line of a byte that is not UTF-8', async () => {
    expect(await refused(Buffer.from([0x2d, 0x2d, 0x0a, 0xff]))).toMatchObject({
      code: 'INVALID_UTF8',
      place: { line: 2 },
    });
  });

  it.each([
    ["select 1;\nselect 'open", 'UNTERMINATED', 2],
    ['select 1;\ndo $x$ begin', 'UNTERMINATED', 2],
    ['select 1;\nrollback;', 'STATEMENT_REFUSED', 2],
    ['select 1;\nselect pg_advisory_unlock_all();', 'STATEMENT_REFUSED', 2],
    ['\\restrict abc\nselect 1', 'STATEMENT_REFUSED', 1],
  ])('refuses %j', async (sql, code, line) => {
    expect(await refused(sql)).toMatchObject({
      code,
      place: { migration: '0000_m', file: 'drizzle/0000_m.sql', line },
    });
  });

  it('has the impact of its statements, or the one that @impact says', async () => {
    const drop = 'alter table users drop column email';
    expect(await parse(drop)).toMatchObject({ impact: 'contract', requires: '0000_m' });
    expect(await parse(`-- @impact expand\n${drop}`)).toMatchObject({
      impact: 'expand',
      requires: null,
    });
  });

  it('does no harm to what an earlier migration of the same range creates', async () => {
    const [first, second] = (await journalOf('create table t (a int)', 'drop table t')).migrations;
    if (!first || !second) throw new Error('two migrations');
    const { created } = parseMigration(first, { dialect: 'postgresql' });
    expect(parseMigration(second, { dialect: 'postgresql' }).impact).toBe('contract');
    expect(parseMigration(second, { dialect: 'postgresql', created }).impact).toBe('expand');
  });

  it('has the token checksum that its text has without comments', async () => {
    const parsed = await parse('-- @impact contract\ncreate table t (a int); -- done');
    expect(parsed.tokenChecksum).toBe(tokenChecksum('create table t(a int)', 'postgresql'));
  });

  it.each([
    ['postgresql', "select '--> statement-breakpoint'", ['marker-in-text']],
    ['postgresql', 'select 1;\nCOMMIT;\nselect 2', ['embedded-commit']],
    ['postgresql', 'select 1;\ncreate index concurrently i on t (a)', ['not-atomic']],
    ['postgresql', 'create index concurrently i on t (a)', []],
    ['postgresql', "alter type mood add value 'ok';\nselect 1", ['enum-value-used']],
    ['postgresql', "alter type mood add value 'ok';\nalter type mood add value 'fine'", []],
    ['postgresql', '/* pulled\n--> statement-breakpoint\n*/', ['baseline-only']],
    ['postgresql', 'select 1;\n--> statement-breakpoint\n', []],
    ['mysql', 'create table t (a int);\ncreate table u (a int);', ['several-ddl']],
    ['mysql', 'create table t (a int);', []],
    ['postgresql', '-- @online\ncreate index i on t (a)', []],
    ['postgresql', '-- @online\nalter table t add b int, add c int', ['no-online-form']],
    ['postgresql', '-- @online\ncreate table t (a int)', []],
  ] as const)('on %s, %j gives rise to %j', async (dialect, sql, codes) => {
    const { findings } = await parse(sql, { dialect });
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });
});
