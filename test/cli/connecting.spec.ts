import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { servers, type TestDatabase } from '../servers/index.js';
import { documentOf, journalIn, project, removeProjects, runCli, runNode } from './child.js';

const ROOT = resolve(import.meta.dirname, '../..');
afterAll(removeProjects);

describe('bad addresses and logins', () => {
  const SECRET = 'c4n4ry';
  let database: TestDatabase;
  beforeEach(async () => {
    database = await (await servers.postgres18()).createDatabase();
  });
  afterEach(() => database.drop());

  it('no secret is shown, whichever way the URL came in', async () => {
    const url = `postgresql://me:${SECRET}@127.0.0.1:1/app`;
    const config = JSON.stringify({ dialect: 'postgresql', dbCredentials: { url } });
    const unreachable = { exitCode: 6, code: 'UNREACHABLE', secret: false };
    expect(await shown(['--url', url])).toEqual(unreachable);
    expect(await shown([], { DATABASE_URL: url })).toEqual(unreachable);
    expect(await shown(['--url', 'env:MINE'], { MINE: url })).toEqual(unreachable);
    expect(await shown([], {}, { 'drizzle.config.json': config })).toEqual(unreachable);
  });

  it('another password, and a URL that is torn', async () => {
    const wrong = database.url.replace(/\/\/[^@]*@/, `//nobody:${SECRET}@`);
    expect(await shown([], { DATABASE_URL: wrong })).toEqual({
      exitCode: 64,
      code: 'CREDENTIALS',
      secret: false,
    });
    const torn = `postgresql://me:${SECRET}#x@127.0.0.1/app`;
    expect(await shown([], { DATABASE_URL: torn })).toEqual({
      exitCode: 64,
      code: 'CONFIGURATION',
      secret: false,
    });
  });

  /** What `status` says, and whether the secret is in any of it. */
  async function shown(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    files: Readonly<Record<string, string>> = {},
  ): Promise<object> {
    const cwd = project({ ...journalIn('drizzle'), ...files });
    const finished = await runCli(['status', '--json', '--verbose', ...args], { cwd, env });
    const { exitCode, stdout, stderr } = finished;
    const secret = `${stdout}${stderr}`.includes(SECRET);
    return { exitCode, code: documentOf(finished).error?.code, secret };
  }

  it('fields, and a password that comes from a function', async () => {
    const url = new URL(database.url);
    const cwd = project({
      ...journalIn('drizzle'),
      'drizzle.config.ts': `export default { dialect: 'postgresql', dbCredentials: {
        host: '${url.hostname}', port: ${url.port}, user: '${url.username}', database: '${url.pathname.slice(1)}', ssl: false,
        password: async (): Promise<string> => '${decodeURIComponent(url.password)}' } };`,
    });
    expect(await runCli(['up', '--quiet'], { cwd })).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

it('PGlite by drizzle.config', async () => {
  const cwd = project({
    ...journalIn('drizzle'),
    'drizzle.config.json': `{ "dialect": "postgresql", "driver": "pglite", "dbCredentials": { "url": "./data" } }`,
  });
  expect((await runCli(['up'], { cwd })).exitCode).toBe(0);
});

it('a project without the driver is told its name', async () => {
  const cwd = project(journalIn('drizzle'));
  cpSync(join(ROOT, 'dist'), join(cwd, 'package/dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(cwd, 'package/package.json'));
  mkdirSync(join(cwd, 'package/node_modules'));
  for (const name of ['commander', 'moo', 'drizzle-orm']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(cwd, 'package/node_modules', name));
  }
  for (const [url, driver] of [
    ['postgresql://me@127.0.0.1:1/app', 'pg'],
    ['mysql://me@127.0.0.1:1/app', 'mysql2'],
  ] as const) {
    const finished = await runNode([join(cwd, 'package/dist/cli/main.js'), 'status', '--json'], {
      cwd,
      env: { DATABASE_URL: url },
    });
    expect(finished.exitCode).toBe(64);
    expect(documentOf(finished).error).toMatchObject({
      code: 'MISSING_PACKAGE',
      remedy: `npm install ${driver}`,
    });
  }
});
