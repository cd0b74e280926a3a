import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DebianPackage, isUnpacked, unpackedPackage } from './debian-packages.js';
import { findProgram } from './process.js';

/** A server program, and where it may come from. */
export interface ProgramSource extends DebianPackage {
  /** For people: `MySQL 9.7`. */
  readonly title: string;
  /** Names under which the program may be installed. */
  readonly names: readonly string[];
  /** Folders besides the PATH where it is usually installed. */
  readonly places: readonly string[];
  /** What `--version` must print for an installed program to be taken. */
  readonly version: RegExp;
  /** The variable that names a running server instead. */
  readonly variable: string;
}

/** A program that was found. */
export interface FoundProgram {
  readonly path: string;
  /** As it prints it, such as `9.7.4`. */
  readonly version: string;
  /** Root of the unpacked tree; undefined when the program is installed. */
  readonly tree?: string;
}

/** Whether {@link findServer} needs no download. */
export async function isAtHand(source: ProgramSource): Promise<boolean> {
  return isUnpacked(source) || (await installed(source)) !== undefined;
}

/**
 * An installed program of the right version, else the one of the unpacked package.
 *
 * @throws {Error} that names the package to install and the variable to set
 */
export async function findServer(source: ProgramSource): Promise<FoundProgram> {
  const found = await installed(source);
  if (found !== undefined) return found;
  try {
    const tree = await unpackedPackage(source);
    const path = join(tree, source.programs[0] ?? '');
    return { path, tree, version: (await versionOf(path, source)) ?? 'unknown' };
  } catch (error) {
    throw new Error(
      `No ${source.title} here, and unpacking the Debian package failed. Install ${source.package} (Debian ${source.suite}), or set ${source.variable} to a running server.\n${String(error)}`,
      { cause: error },
    );
  }
}

async function installed(source: ProgramSource): Promise<FoundProgram | undefined> {
  for (const name of source.names) {
    for (const path of [findProgram(name), ...source.places.map((place) => join(place, name))]) {
      const version = path === undefined ? undefined : await versionOf(path, source);
      if (path !== undefined && version !== undefined) return { path, version };
    }
  }
  return undefined;
}

async function versionOf(path: string, source: ProgramSource): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version']);
    return source.version.test(stdout) ? /\d+(\.\d+)+/.exec(stdout)?.[0] : undefined;
  } catch {
    return undefined; // not there, or not able to run here: the next place is asked
  }
}
