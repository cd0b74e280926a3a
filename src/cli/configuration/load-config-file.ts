import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configError, configLoadError, missingModule } from './config-error.js';

/** In the order in which drizzle-kit looks for them, then the other endings of JavaScript. */
const DEFAULT_NAMES = [
  'drizzle.config.ts',
  'drizzle.config.js',
  'drizzle.config.json',
  'drizzle.config.mjs',
  'drizzle.config.cjs',
  'drizzle.config.mts',
  'drizzle.config.cts',
];

/** The configuration file of a folder, or null. */
export function findConfigFile(cwd: string): string | null {
  return DEFAULT_NAMES.map((name) => resolve(cwd, name)).find((file) => existsSync(file)) ?? null;
}

/**
 * Loads a configuration file and gives what it exports by default.
 * @param file absolute path
 * @throws {MigratorError} `CONFIGURATION` with the file, without what the file's own error said
 */
export async function loadConfigFile(file: string): Promise<unknown> {
  if (!existsSync(file)) {
    throw configError(
      file,
      'The configuration file does not exist.',
      'Give the path of the file after --config.',
    );
  }
  if (statSync(file).isDirectory()) {
    throw configError(
      file,
      'The configuration file is a folder.',
      `Give the path of the file itself after --config, such as ${resolve(file, 'drizzle.config.ts')}.`,
    );
  }
  try {
    return await contentOf(file);
  } catch (error) {
    throw configLoadError(file, error);
  }
}

async function contentOf(file: string): Promise<unknown> {
  switch (extname(file)) {
    case '.json':
      return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) as unknown;
    case '.js':
    case '.mjs':
    case '.cjs':
      return defaultOf(await importNatively(file));
    default:
      return defaultOf(await importWithJiti(file));
  }
}

/** JavaScript needs no loader, unless it imports the absent drizzle-kit or mixes import and require as only bundlers allow. */
async function importNatively(file: string): Promise<unknown> {
  try {
    return (await import(pathToFileURL(file).href)) as unknown;
  } catch (error) {
    const missing = missingModule(error);
    const loader =
      error instanceof SyntaxError ||
      error instanceof ReferenceError ||
      (missing !== null && missing in STAND_INS);
    if (!loader) throw error;
    return importWithJiti(file);
  }
}

/**
 * Stand-ins for packages that a configuration imports and a production image lacks: `defineConfig` gives back what it gets, and `.env` has been
 * read already.
 */
const STAND_INS: Readonly<Record<string, object>> = {
  'drizzle-kit': { defineConfig: (config: unknown) => config },
  'dotenv/config': {},
};

/** jiti costs about 30 ms and 20 MB: it is loaded here, for TypeScript, and nowhere else. */
async function importWithJiti(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const options = {
    // The cache would write the file, which may hold a password, to a folder for all users.
    fsCache: false,
    virtualModules: Object.fromEntries(
      Object.entries(STAND_INS).filter(
        ([name]) => name === 'drizzle-kit' || !isInstalled(name, file),
      ),
    ),
  };
  try {
    return await createJiti(file, options).import(file);
  } catch (error) {
    // Path aliases of tsconfig.json are looked up only where something was not found: reading tsconfig.json can fail by itself.
    if (missingModule(error) === null) throw error;
    return createJiti(file, { ...options, tsconfigPaths: true }).import(file);
  }
}

function isInstalled(name: string, file: string): boolean {
  try {
    createRequire(file).resolve(name);
    return true;
  } catch {
    return false; // the answer, not a failure
  }
}

/** `export default`, `module.exports =`, and both at once, as compilers to CommonJS leave them. */
function defaultOf(module: unknown): unknown {
  let content = module;
  for (let depth = 0; depth < 2; depth++) {
    if (typeof content !== 'object' || content === null || !('default' in content)) break;
    content = content.default;
  }
  return content;
}
