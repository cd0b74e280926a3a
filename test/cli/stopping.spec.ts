import { afterAll, expect, it } from '@jest/globals';
import { writeJournal } from '../journals/write-journal.js';
import { servers } from '../servers/index.js';
import { documentOf, project, removeProjects, startCli } from './child.js';

afterAll(removeProjects);

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  '%s ends a run in order: rolled back, recorded, released, exit %i',
  async (name, exitCode) => {
    const database = await (await servers.postgres18()).createDatabase();
    const journal = await writeJournal([
      { tag: '0000_first', sql: 'CREATE TABLE first (id int);' },
      {
        tag: '0001_slow',
        sql: 'CREATE TABLE slow (id int);\n--> statement-breakpoint\nSELECT pg_sleep(600);',
      },
    ]);
    const options = { cwd: project({}), env: { DATABASE_URL: database.url } };
    const args = ['up', '--json', '--verbose', '--migrations', journal.folder];
    const running = startCli(args, options);
    await running.says('0001_slow statement 2');
    running.child.kill(name);
    const finished = await running.finished;

    expect(finished.exitCode).toBe(exitCode);
    expect(documentOf(finished)).toMatchObject({
      ok: false,
      exitCode,
      error: { code: `INTERRUPTED_${name}` },
    });
    const tables = await database.query(
      `SELECT to_regclass('first')::text AS first, to_regclass('slow')::text AS slow`,
    );
    expect(tables).toEqual([{ first: 'first', slow: null }]);
    const locks = await database.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    expect(locks).toEqual([]);
    await database.drop();
    await journal.remove();
  },
);

it('a signal that comes again ends a process that does not come to its end', async () => {
  const cwd = project({
    'drizzle.config.mjs': `console.log('hanging'); setInterval(() => {}, 1000); await new Promise(() => {}); export default {};`,
  });
  const running = startCli(['status'], { cwd });
  await running.says('hanging');
  const again = setInterval(() => running.child.kill('SIGINT'), 100);
  const { exitCode } = await running.finished;
  clearInterval(again);
  expect(exitCode).toBe(130);
});

it('what a configuration keeps open is named, and does not keep the process', async () => {
  const cwd = project({
    'drizzle.config.mjs': `setInterval(() => {}, 1000); export default { dialect: 'sqlite' };`,
  });
  const finished = await startCli(['status', '--json'], { cwd }).finished;
  expect(finished.exitCode).toBe(64);
  expect(documentOf(finished).error?.code).toBe('UNSUPPORTED_DIALECT');
  expect(finished.stderr).toContain('Timeout');
});
