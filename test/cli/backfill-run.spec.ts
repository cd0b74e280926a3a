import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';
import {
  documentOf,
  operationProject,
  removeProjects,
  runCli,
  startCli,
  type Finished,
  type Running,
} from './child.js';

const ROWS = 400;
let database: TestDatabase;
let journal: WrittenJournal;
let cwd: string;

beforeEach(async () => {
  database = await (await servers.postgres18()).createDatabase();
  await database.query('CREATE TABLE people (id int PRIMARY KEY, n int NOT NULL)');
  await database.query(`INSERT INTO people SELECT i, 0 FROM generate_series(1, ${ROWS}) i`);
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

const options = () => ({ cwd, env: { DATABASE_URL: database.url, FOLDER: journal.folder } });
const MODULE = ['--module', 'dist/migrations.module.js'];
const cli = (...args: string[]): Promise<Finished> => runCli([...args, ...MODULE], options());
const worker = (...args: string[]): Running =>
  startCli(['backfill', 'run', ...args, ...MODULE], options());

it('backfill run does what up has left, and goes on behind what was stopped and killed', async () => {
  const planned = await cli('plan', '--backfills', 'worker');
  expect(planned).toMatchObject({ exitCode: 0 });
  expect(planned.stdout).toContain('plus-one backfill in place of statement 1 (left to a worker');
  const up = await cli('up', '--backfills', 'worker');
  expect(up).toMatchObject({ exitCode: 0 });
  expect(up.stderr).toMatch(/plus-one: backfill is left to a worker.*backfill run plus-one/);
  expect((await cli('operation', 'list')).stdout).toMatch(
    /^plus-one +backfill +expanded \(worker: backfill\)/m,
  );

  const stopped = worker();
  await stopped.says('plus-one: backfill begins in 1 range');
  stopped.child.kill('SIGTERM');
  const left = await stopped.finished;
  expect(left).toMatchObject({ exitCode: 143 });
  expect(left.stderr).toMatch(/interrupted after .* with 0 phases carried out/);
  const killed = worker('plus-one');
  await killed.says('plus-one: backfill goes on');
  killed.child.kill('SIGKILL');
  await killed.finished;
  expect((await cli('backfill', 'list')).stdout).toContain(
    'nobody is at work on it; nest-migrate backfill run plus-one --module dist/migrations.module.js goes on where it stopped.',
  );

  await cli('backfill', 'set', 'plus-one', '--rate', 'none');
  const last = await cli('backfill', 'run', '--json');
  expect(last.stderr).toMatch(/1 phase to carry out[^]*1 phase carried out in /);
  const finished = documentOf(last);
  expect(finished).toMatchObject({
    command: 'backfill run',
    ok: true,
    exitCode: 0,
    result: { outcome: 'done', phases: [{ name: 'plus-one', phase: 'backfill' }] },
  });
  expect(await database.query('SELECT DISTINCT n FROM people')).toEqual([{ n: 1 }]);
  expect(await cli('backfill', 'run')).toMatchObject({ exitCode: 0, stdout: 'nothing to do\n' });
}, 120_000);

it('refuses a word that says nobody, and a name that nobody registered', async () => {
  expect((await cli('up', '--backfills', 'later')).exitCode).toBe(64);
  const unknown = documentOf(await cli('backfill', 'run', 'no-such', '--json'));
  expect(unknown).toMatchObject({ ok: false, exitCode: 4 });
  expect(unknown.error?.code).toBe('UNKNOWN_OPERATION');
});
