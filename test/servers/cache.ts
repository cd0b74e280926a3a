import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { reachableByAll, serverIdentity } from './identity.js';

/**
 * The folder that every clone of this user shares: `${XDG_CACHE_HOME:-~/.cache}/nestjs-drizzle-migrator`, or below /var/cache when we are
 * root and the servers' user could not walk into root's home directory.
 */
export function cacheDirectory(): string {
  const home = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const base = serverIdentity() === undefined || reachableByAll(home) ? home : '/var/cache';
  return join(base, 'nestjs-drizzle-migrator');
}

/**
 * The cache entry `key`, built by `build` into an empty folder when it does not exist yet. The folder gets its name only when it is
 * complete, so a killed run leaves no half an entry; of several runs one builds and the others wait.
 */
export async function cached(
  key: string,
  build: (folder: string, finalPath: string) => Promise<void>,
): Promise<string> {
  const path = join(cacheDirectory(), key);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const lock = await lockOn(path);
  try {
    if (existsSync(path)) return path;
    const draft = join(dirname(path), `.${key}.${randomBytes(6).toString('hex')}`);
    try {
      mkdirSync(draft, { mode: 0o755 });
      await build(draft, path);
      renameSync(draft, path);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    return path;
  } finally {
    lock?.close();
  }
}

/** Makes `folder` the servers' own. */
export function giveToServers(folder: string): void {
  const identity = serverIdentity();
  if (identity !== undefined) chownSync(folder, identity.uid, identity.gid);
  chmodSync(folder, 0o700);
}

/** Copies a tree with owners and modes; blocks are shared where the file system can. */
export async function copyTree(from: string, to: string): Promise<void> {
  const reflink = process.platform === 'linux' ? ['--reflink=auto'] : [];
  await promisify(execFile)('cp', ['-a', ...reflink, from, to]);
}

/**
 * Linux's abstract socket names are free again the moment their holder dies, so there is no stale lock to reason about. Elsewhere entries
 * are small and the atomic rename alone decides.
 */
async function lockOn(path: string): Promise<Server | undefined> {
  if (process.platform !== 'linux') return undefined;
  const name = `\0nestjs-drizzle-migrator:${path}`;
  for (;;) {
    const server = await listenOn(name);
    if (server !== undefined) return server;
    await untilClosed(name);
  }
}

function listenOn(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<{ destroy(): void }>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => socket.destroy());
    });
    const close = server.close.bind(server);
    server.close = (callback) => {
      for (const socket of waiting) socket.destroy();
      return close(callback);
    };
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server));
  });
}

function untilClosed(name: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(name);
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
}
