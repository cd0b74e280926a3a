import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory, cached } from './cache.js';
import { reachableByAll } from './identity.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ndm-cache-'));
  chmodSync(home, 0o755);
  process.env['XDG_CACHE_HOME'] = home;
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('of several runs that want an entry one builds it and all get it', async () => {
  let built = 0;
  const paths = await Promise.all(
    [1, 2, 3].map(() =>
      cached('entry', async (folder) => {
        built++;
        writeFileSync(join(folder, 'file'), 'whole');
      }),
    ),
  );
  expect(built).toBe(1);
  expect(new Set(paths)).toEqual(new Set([join(cacheDirectory(), 'entry')]));
});

it('an entry that could not be built is not there, and the next run builds it', async () => {
  const broken = cached('entry', async (folder) => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('the download broke off');
  });
  await expect(broken).rejects.toThrow('broke off');
  expect(readdirSync(cacheDirectory())).toEqual([]);
  const path = await cached('entry', async (folder) => writeFileSync(join(folder, 'whole'), ''));
  expect(readdirSync(path)).toEqual(['whole']);
});

it('a folder behind a closed one is out of reach for the servers', () => {
  expect(reachableByAll(home)).toBe(true);
  chmodSync(home, 0o700);
  expect(reachableByAll(join(home, 'clone', 'node_modules'))).toBe(false);
  expect(existsSync(home)).toBe(true);
});
