import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';
import {
  CLI,
  documentOf,
  operationProject,
  removeProjects,
  runCli,
  runNode,
  startCli,
  type Finished,
} from './child.js';

let database: TestDatabase;
let journal: WrittenJournal;
let cwd: string;

beforeEach(async () => {
  database = await (await servers.postgres18()).createDatabase();
  await database.query('CREATE TABLE people (id int PRIMARY KEY, n int NOT NULL)');
  await database.query('INSERT INTO people SELECT i, 0 FROM generate_series(1, 400) i');
  await database.query('ANALYZE people');
  journal = await writeJournal([
    { tag: '0000_rows', sql: '-- @operation plus-one backfill\nUPDATE people SET n = n + 1;' },
  ]);
  cwd = operationProject(
    `backfill('plus-one', { table: 'people', set: { n: 'n + 1' }, backfill: { maxRowsPerSecond: 100, ranges: 1 } })`,
  );
});
afterEach(async () => {
  await database.drop();
  await journal.remove();
});
afterAll(removeProjects);

const env = (): Record<string, string> => ({
  DATABASE_URL: database.url,
  FOLDER: journal.folder,
});
/** What goes before each state of a line that is written over. */
const CLEAR = '\r\u001B[K';
const UP = ['up', '--module', 'dist/migrations.module.js'];
/** From somewhere that has neither the module nor the operation. */
const cli = (...args: string[]): Promise<Finished> =>
  runCli([...args, '--migrations', journal.folder], { cwd: '/', env: env() });

it('backfill list, pause, set and resume speak to the run of another process', async () => {
  expect((await cli('backfill', 'list')).stdout).toBe('No backfill is on record.\n');
  // The operation of the file is unknown here; what is applied and pending is told all the same.
  const status = await cli('status');
  expect(status).toMatchObject({ exitCode: 0 });
  expect(status.stdout).toMatch(/^0000_rows +pending/m);
  expect(status.stdout).toMatch(/No operation named plus-one is registered.*--module/);
  const up = startCli(UP, { cwd, env: env() });
  await up.says('plus-one: backfill begins in 1 range, about 400 rows');

  const pause = await cli('backfill', 'pause', 'plus-one');
  expect(pause).toMatchObject({ exitCode: 0, stderr: '' });
  await up.says('plus-one: backfill waits (paused)');
  const list = await cli('backfill', 'list');
  expect(list.stdout).toMatch(/^backfill +pass +state +rows +changed +% +rows\/s +limit +left/);
  expect(list.stdout).toMatch(/^plus-one +backfill +paused +\d+ +\d+ +\d+ .* 100 +- +0$/m);
  expect(list.stdout).toContain(
    `held still until nest-migrate backfill resume plus-one --migrations ${journal.folder}; should its runner be gone, nest-migrate up --module <file> goes on then.`,
  );

  expect((await cli('backfill', 'set', 'plus-one', '--rate', 'none')).stdout).toContain('no limit');
  expect((await cli('backfill', 'resume', 'plus-one')).stdout).toContain('goes on');
  expect(await up.finished).toMatchObject({ exitCode: 0 });
  const { result } = documentOf(await cli('backfill', 'list', '--json'));
  expect(result).toMatchObject({
    backfills: [{ name: 'plus-one', state: 'finished', rows: 400, changed: 400, percent: 100 }],
  });
  expect((await cli('backfill', 'pause', 'plus-one')).stdout).toContain('nothing to pause');
}, 60_000);

it('refuses what is no rate, and names that nobody knows, with the flags of the command line', async () => {
  const rate = await cli('backfill', 'set', 'plus-one', '--rate', '0');
  expect(rate.exitCode).toBe(64);
  expect((await cli('backfill', 'set', 'plus-one')).exitCode).toBe(64);
  const unknown = documentOf(await cli('backfill', 'pause', 'no-such', '--json'));
  expect(unknown).toMatchObject({ command: 'backfill pause', exitCode: 64 });
  expect(unknown.error?.code).toBe('UNKNOWN_BACKFILL');
  expect(unknown.error?.remedy).toContain(`backfill list --migrations ${journal.folder}`);
});

it.each([
  ['text', true],
  ['json', false],
])(
  'a terminal gets a bar under the log in %s: %s',
  async (format, shown) => {
    const terminal =
      'data:text/javascript,Object.assign(process.stderr, { isTTY: true, columns: 100 })';
    const up = await runNode(['--import', terminal, CLI, ...UP, '--log-format', format], {
      cwd,
      env: env(),
    });
    expect(up.exitCode).toBe(0);
    expect(up.stdout).not.toContain(CLEAR);
    expect(up.stderr.includes(CLEAR)).toBe(shown);
    if (!shown) return;
    const lines = up.stderr.split(CLEAR);
    expect(lines).toContainEqual(
      expect.stringMatching(/^plus-one backfill {2}\[#+-+\] +\d+ % {2}\d+ rows.*left$/),
    );
    // Taken away before the line that says that it is done.
    expect(lines.at(-1)).toMatch(/^plus-one: backfill went through 400 rows/);
  },
  60_000,
);
