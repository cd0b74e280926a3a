import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { folderName, writeJournal, type WrittenJournal } from '../journals/write-journal.js';
import { runCli } from './child.js';

const USERS = { tag: '0000_users', sql: 'CREATE TABLE users (id int PRIMARY KEY, name text);' };
const UNSAFE = { tag: '0001_index', sql: 'CREATE INDEX users_name ON users (name);' };
const RENAME = {
  tag: '0001_rename',
  sql: 'ALTER TABLE users ADD COLUMN a int;\nALTER TABLE users RENAME COLUMN name TO full_name;',
};

let cwd: string;
let journal: WrittenJournal;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'lint-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function git(...args: readonly string[]): string {
  const me = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...me, ...args], { cwd, encoding: 'utf8' }).trim();
}

async function committed(layout: 'journal' | 'folder'): Promise<void> {
  journal = await writeJournal([USERS], { layout, folder: join(cwd, 'drizzle') });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'one');
}

interface Document {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly result: {
    readonly range: string;
    readonly migrations: readonly {
      readonly tag: string;
      readonly findings: readonly { readonly rule: string }[];
    }[];
  };
}

async function lint(...flags: readonly string[]) {
  const { exitCode, stdout, stderr } = await runCli(['lint', '--json', ...flags], { cwd });
  return { exitCode, stderr, document: JSON.parse(stdout) as Document };
}

describe.each(['journal', 'folder'] as const)('%s layout', (layout) => {
  const dialect = ['--dialect', 'postgresql', '--migrations', './drizzle'];

  test('--base looks at what the ref does not have, without a database', async () => {
    await committed(layout);
    await journal.add(UNSAFE);
    const { exitCode, document } = await lint('--base', 'HEAD', ...dialect);
    expect(exitCode).toBe(4);
    expect(document.error?.code).toBe('LINT');
    expect(document.result.range).toBe('new');
    expect(document.result.migrations.map(({ tag }) => tag)).toEqual([journal.names[1]]);
    expect(document.result.migrations[0]?.findings.map(({ rule }) => rule)).toContain(
      'create-index',
    );
  });

  test('--base with nothing new passes', async () => {
    await committed(layout);
    const { exitCode, document } = await lint('--base', 'HEAD', ...dialect);
    expect(exitCode).toBe(0);
    expect(document.result.migrations).toEqual([]);
  });

  test('a ref without the folder has none of its migrations: its tables are new', async () => {
    await committed(layout);
    git('checkout', '--quiet', '--orphan', 'empty');
    git('rm', '--quiet', '-r', '--cached', '.');
    git('commit', '--quiet', '--allow-empty', '--message', 'none');
    await journal.add(UNSAFE);
    const { exitCode, document } = await lint('--base', 'empty', ...dialect);
    expect(document.result.migrations).toHaveLength(2);
    expect(exitCode).toBe(0);
  });
});

test('a branch that changes the layout adds nothing by that', async () => {
  await committed('journal');
  const when = Date.UTC(2026, 0, 1);
  rmSync(join(cwd, 'drizzle'), { recursive: true });
  journal = await writeJournal([USERS], { layout: 'folder', folder: join(cwd, 'drizzle') });
  expect(journal.names).toEqual([folderName(USERS.tag, when)]);
  const { document } = await lint('--base', 'HEAD', '--dialect', 'postgresql');
  expect(document.result.migrations).toEqual([]);
});

test('without a ref and without a database it looks at all, each as a release of its own', async () => {
  await committed('journal');
  await journal.add(UNSAFE);
  const { exitCode, document, stderr } = await lint();
  expect(document.result.range).toBe('all');
  expect(document.result.migrations).toHaveLength(2);
  expect(exitCode).toBe(4);
  expect(stderr).toContain('is read by itself, as postgresql');
});

test.each([
  ['a ref that git does not know', ['--base', 'nowhere']],
  ['a ref that would be an option', ['--base=--upload-pack=x']],
  ['a ref and all', ['--base', 'HEAD', '--all']],
])('%s is refused', async (_, flags) => {
  await committed('journal');
  const { exitCode, document } = await lint(...flags);
  expect(exitCode).toBe(64);
  expect(document.error?.code).toBe('USAGE');
});

test('a folder outside git is told so', async () => {
  journal = await writeJournal([USERS], { folder: join(cwd, 'drizzle') });
  const { exitCode, stderr } = await lint('--base', 'main');
  expect(exitCode).toBe(64);
  expect(stderr).toContain('no git working tree');
});

test('text names rule, place and safe way', async () => {
  await committed('journal');
  await journal.add(UNSAFE);
  const { stdout, exitCode } = await runCli(['lint', '--base', 'HEAD'], { cwd });
  expect(exitCode).toBe(4);
  expect(stdout).toContain('unsafe create-index (drizzle/0001_index.sql:1)');
  expect(stdout).toContain('    | -- @online\n    | CREATE INDEX users_name ON users (name);');
});

test('split prints drafts, and --write puts them where no journal finds them', async () => {
  await committed('journal');
  await journal.add(RENAME);
  const printed = await runCli(['split', RENAME.tag], { cwd });
  expect(printed.exitCode).toBe(0);
  expect(printed.stdout).toContain('-- @operation users-full_name expand');
  expect(printed.stdout).toContain("renameColumn('users-full_name'");

  const before = readFileSync(join(cwd, 'drizzle', `${RENAME.tag}.sql`), 'utf8');
  const written = await runCli(['split', RENAME.tag, '--write'], { cwd });
  expect(written.exitCode).toBe(0);
  for (const part of ['expand', 'contract'])
    expect(existsSync(join(cwd, 'drizzle', 'drafts', `${RENAME.tag}.${part}.sql`))).toBe(true);
  expect(readFileSync(join(cwd, 'drizzle', `${RENAME.tag}.sql`), 'utf8')).toBe(before);
  expect((await lint('--all')).document.result.migrations).toHaveLength(2);

  const again = await runCli(['split', RENAME.tag, '--write'], { cwd });
  expect(again.exitCode).toBe(64);
});

test('split of an unknown tag', async () => {
  await committed('journal');
  const { exitCode, stderr } = await runCli(['split', '0009_none'], { cwd });
  expect(exitCode).toBe(64);
  expect(stderr).toContain('UNKNOWN_TAG');
});
