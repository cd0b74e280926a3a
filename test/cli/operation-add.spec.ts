import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { documentOf, operationProject, removeProjects, runCli, type Finished } from './child.js';

let database: TestDatabase;
let journal: WrittenJournal;

beforeEach(async () => {
  database = await (await servers.postgres18()).createDatabase();
  journal = await writeJournal([
    { tag: '0000_users', sql: 'CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);' },
    { tag: '0001_full_name', sql: 'ALTER TABLE users ADD COLUMN full_name text;\n' },
  ]);
});
afterEach(async () => {
  await database.drop();
  await journal.remove();
});
afterAll(removeProjects);

it('operation add prints what it would write, writes it, and leaves applied files alone', async () => {
  const cwd = operationProject(
    `renameColumn('full-name', { table: 'users', from: 'name', to: 'full_name' })`,
  );
  const cli = (...args: string[]): Promise<Finished> =>
    runCli([...args, '--module', 'dist/migrations.module.js'], {
      cwd,
      env: { DATABASE_URL: database.url, FOLDER: journal.folder },
    });
  const file = join(journal.folder, '0001_full_name.sql');
  const lines = [
    '1 + -- @operation full-name expand',
    '2   ALTER TABLE users ADD COLUMN full_name text;',
    '3 + -- @operation full-name backfill',
    '4 + -- @operation full-name verify',
    '',
  ].join('\n');

  const add = ['operation', 'add', 'full-name', '--to', '0001_full_name'];
  const before = readFileSync(file, 'utf8');
  expect((await cli(...add, '--dry-run')).stdout).toBe(`${file} would get:\n${lines}`);
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect((await cli(...add)).stdout).toBe(`${file} has now:\n${lines}`);
  expect(readFileSync(file, 'utf8')).toContain('-- @operation full-name verify\n');
  expect((await cli(...add)).stdout).toContain('already');

  const applied = ['operation', 'add', 'full-name', '--to', '0000_users', '--json'];
  expect((await cli('up', '--to', '0000_users')).exitCode).toBe(0);
  expect(documentOf(await cli(...applied))).toMatchObject({
    command: 'operation add',
    exitCode: 7,
    error: { code: 'OPERATION_REFUSED' },
  });
  expect((await cli('operation', 'add', 'full-name')).exitCode).toBe(64);
}, 60_000);
