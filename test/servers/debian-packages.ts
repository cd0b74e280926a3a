import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, cached } from './cache.js';
import { serverIdentity } from './identity.js';
import { findProgram } from './process.js';

const run = promisify(execFile);

/** Programs of a Debian package that is unpacked into the cache, not installed. */
export interface DebianPackage {
  /** Debian's name of the release, such as `bookworm` or `sid`. */
  readonly suite: string;
  readonly package: string;
  /** The programs that will be started, as paths inside the tree. */
  readonly programs: readonly string[];
}

/**
 * Downloads a package and all that it depends on, from the mirror that this machine is configured with, and unpacks them into the cache.
 * Nothing of the system's own package state is touched. Resolves to the root of the tree, in which `programs` can be started as they are.
 */
export async function unpackedPackage(wanted: DebianPackage): Promise<string> {
  return cached(`${wanted.suite}-${wanted.package}`, async (folder, finalPath) => {
    const mirror = await debianMirror();
    const work = mkdtempSync(join(tmpdir(), 'ndm-apt-'));
    try {
      await download(wanted, mirror, work);
      await unpack(join(work, 'cache', 'archives'), folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    for (const program of wanted.programs) wrap(folder, finalPath, program);
  });
}

/** Whether the package lies in the cache. */
export function isUnpacked({ suite, package: name }: DebianPackage): boolean {
  return existsSync(join(cacheDirectory(), `${suite}-${name}`));
}

/** The first mirror of Debian itself in the machine's own configuration. */
async function debianMirror(): Promise<string> {
  if (findProgram('apt-get') === undefined) throw new Error('this machine has no apt');
  const { stdout } = await run('apt-get', [
    ...['indextargets', '--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages'],
  ]);
  const [, mirror] =
    stdout
      .split('\n')
      .map((line) => line.split(' '))
      .find(([origin, uri]) => origin === 'Debian' && uri?.includes('security') === false) ?? [];
  if (mirror === undefined) {
    throw new Error('apt knows no Debian mirror; does "apt-get update" work here?');
  }
  return mirror;
}

async function download(wanted: DebianPackage, mirror: string, work: string): Promise<void> {
  for (const folder of ['parts', 'state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  writeFileSync(join(work, 'sources.list'), `deb ${mirror} ${wanted.suite} main\n`);
  // An empty status file makes apt fetch every dependency, the C library included.
  writeFileSync(join(work, 'status'), '');
  const settings = [
    `Dir::Etc::sourcelist=${join(work, 'sources.list')}`,
    `Dir::Etc::sourceparts=${join(work, 'parts')}`,
    `Dir::State=${join(work, 'state')}`,
    `Dir::State::status=${join(work, 'status')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    'APT::Install-Recommends=false',
    'Acquire::Languages=none',
    'Debug::NoLocking=1',
    // apt's own download user cannot write into our folder.
    ...(serverIdentity() === undefined ? [] : ['APT::Sandbox::User=root']),
  ].flatMap((setting) => ['-o', setting]);
  await run('apt-get', [...settings, '-q', 'update'], { maxBuffer: 1 << 26 });
  await run('apt-get', [...settings, '-q', '-y', '--download-only', 'install', wanted.package], {
    maxBuffer: 1 << 26,
  });
}

/** Two at a time: unpacking is decompression, and two processors are what there is. */
async function unpack(archives: string, folder: string): Promise<void> {
  const waiting = readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(archives, name))
    .toSorted((a, b) => statSync(b).size - statSync(a).size);
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await run('dpkg', ['-x', next, folder]);
    }
  };
  await Promise.all([worker(), worker()]);
}

/**
 * Puts a script in a program's place that starts it through the loader and libraries of its own tree: a program of a newer release needs
 * that release's C library. `--argv0` keeps the program's idea of where it lies, from which Postgres finds its other files.
 */
function wrap(folder: string, finalPath: string, program: string): void {
  const libraries = ['usr/lib', 'lib'].flatMap((base) =>
    subfolders(join(folder, base))
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(base, name)),
  );
  const loader = libraries
    .flatMap((library) => readdirSync(join(folder, library)).map((name) => join(library, name)))
    .find((path) => /\/ld-linux[^/]*\.so\.\d+$/.test(path) && existsSync(join(folder, path)));
  if (loader === undefined) throw new Error(`no loader in the packages of ${program}`);
  const inTree = (path: string): string => quote(join(finalPath, path));
  renameSync(join(folder, program), join(folder, `${program}.real`));
  writeFileSync(
    join(folder, program),
    [
      '#!/bin/sh',
      `exec ${inTree(loader)} --argv0 ${inTree(program)} \\`,
      `  --library-path ${libraries.map(inTree).join(':')} \\`,
      `  ${inTree(`${program}.real`)} "$@"`,
      '',
    ].join('\n'),
  );
  chmodSync(join(folder, program), 0o755);
}

function subfolders(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
