import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servers } from './index.js';
import { findServer, type ProgramSource } from './programs.js';

const source: ProgramSource = {
  title: 'Example 3',
  suite: 'bookworm',
  package: 'example-server',
  programs: ['usr/sbin/exampled'],
  names: ['exampled'],
  places: [],
  version: /Example 3\./,
  variable: 'TEST_EXAMPLE_URL',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ndm-programs-'));
  process.env['PATH'] = folder;
  process.env['XDG_CACHE_HOME'] = folder;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(output: string): void {
  writeFileSync(join(folder, 'exampled'), `#!/bin/sh\necho '${output}'\n`);
  chmodSync(join(folder, 'exampled'), 0o755);
}

it('an address in the environment is used as it is', async () => {
  process.env['TEST_MARIADB_URL'] = 'mysql://somebody@db.example:3306';
  process.env['TEST_REDIS_URLS'] = 'redis://a:1,redis://b:2,redis://c:3';
  expect((await servers.mariadb()).url).toBe('mysql://somebody@db.example:3306');
  expect(await servers.redis()).toEqual(['redis://a:1', 'redis://b:2', 'redis://c:3']);
});

it('an installed program of the right version is used', async () => {
  install('Example 3.14 for Linux');
  expect(await findServer(source)).toEqual({ path: join(folder, 'exampled'), version: '3.14' });
});

it('without it, and without apt, the failure names the package and the variable', async () => {
  install('Example 2.0 is too old');
  await expect(findServer(source)).rejects.toThrow(/Install example-server .*TEST_EXAMPLE_URL/);
});
