import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MigratorError } from '../errors.js';
import { messageOf } from './driver-facts.js';

/**
 * Imports an optional peer: from where this package is installed, else from the working directory
 * (a command line run by `npx` or linked into a monorepo does not see the project's packages).
 * @throws {MigratorError} `MISSING_PACKAGE` naming what to install
 */
export async function loadPackage<Module>(
  name: string,
  load: () => Promise<unknown>,
): Promise<Module> {
  try {
    return (await load()) as Module;
  } catch (error) {
    if (!isNotFound(error, name)) throw error;
    const found = resolveFromWorkingDirectory(name);
    if (found !== null) return (await import(pathToFileURL(found).href)) as Module;
    throw new MigratorError('MISSING_PACKAGE', {
      message: `The package "${name}" is not installed: npm install ${name}`,
      remedy: `npm install ${name}`,
      details: { package: name },
      cause: error,
    });
  }
}

/** Not found itself, as opposed to a dependency of it that is missing, which is the installation's own trouble. */
function isNotFound(error: unknown, name: string): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  const text = messageOf(error);
  return (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    (text.includes(`'${name}'`) || text.includes(`"${name}"`))
  );
}

function resolveFromWorkingDirectory(name: string): string | null {
  try {
    return createRequire(join(process.cwd(), 'package.json')).resolve(name);
  } catch {
    // Not there either: the caller names the package.
    return null;
  }
}
