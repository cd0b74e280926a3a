import { fileURLToPath } from 'node:url';
import { CLI, runNode, type Finished } from '../cli/child.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const APPLICATION = 'test/nest/application';
const FAILS = { tag: '0000_orders', sql: 'create table orders (id int); select 1 / 0;' };

let database: TestDatabase;
let journal: WrittenJournal;
beforeEach(async () => {
  database = await (await servers.postgres18()).createDatabase();
  journal = await writeJournal([FAILS]);
});
afterEach(async () => {
  await database.drop();
  await journal.remove();
});

const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  runNode(args, {
    cwd: ROOT,
    env: { DATABASE_URL: database.url, MIGRATIONS: journal.folder, ...more },
  });

/** The arguments of a command as printed; only words without quotes are expected. */
function advised({ stderr }: Finished, command: string): readonly string[] {
  const found = new RegExp(`npx nest-migrate (${command} [^;"\`]*?)(?: again)?\\.?$`, 'm').exec(
    stderr,
  );
  return found?.[1]?.split(' ') ?? [];
}

it.each([
  ['an ES module', 'two-files/main.js', 'two-files/migrations.module.js'],
  ['CommonJS', 'common-js/main.cjs', 'common-js/migrations.module.cjs'],
])('a release job of %s prints the command as it works there', async (_name, main, module) => {
  const failed = await run([`${APPLICATION}/${main}`, '--release-job']);
  expect(failed).toMatchObject({ exitCode: 1 });
  const args = advised(failed, 'up');
  expect(args).toEqual(['up', '--module', `${APPLICATION}/${module}`]);
  await journal.edit(FAILS.tag, 'create table orders (id int);');
  expect(await run([CLI, ...args])).toMatchObject({ exitCode: 0 });
  expect(await database.query('select * from orders')).toEqual([]);
});

it('of several databases it names the one that failed', async () => {
  const failed = await run(
    [`${APPLICATION}/two-files/main.js`, '--release-job', '--database', 'second'],
    {
      SECOND_DATABASE_URL: database.url,
    },
  );
  expect(advised(failed, 'up')).toEqual([
    'up',
    '--module',
    `${APPLICATION}/two-files/migrations.module.js`,
    '--name',
    'second',
  ]);
});

it('the controlled start-up throws it', async () => {
  const { stderr } = await run([`${APPLICATION}/two-files/main.js`]);
  expect(stderr).toContain(
    `run npx nest-migrate up --module ${APPLICATION}/two-files/migrations.module.js again`,
  );
});

it.each([
  ['a file beside it holds another module', 'two-files/other-main.js'],
  ['there is no such file', 'main.js'],
])('where %s, nothing is claimed', async (_name, main) => {
  const { exitCode, stderr } = await run([`${APPLICATION}/${main}`, '--release-job']);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('run nest-migrate up again');
  expect(stderr).not.toContain('--module');
});
