import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

/** An environment that can be added to: `process.env` in the command line. */
export type MutableEnvironment = Record<string, string | undefined>;

/**
 * Reads `.env` of the working directory as drizzle-kit does (dotenv in its bin, source: drizzle-kit 0.31.11): what is already set, also to the
 * empty string, stays. `DOTENV_CONFIG_PATH` names another file, as for dotenv.
 *
 * @returns the names that came from the file; a file that is missing or cannot be read is none of our business, as for the kit
 */
export function loadDotenv(env: MutableEnvironment, cwd: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  for (const [name, value] of Object.entries(
    read(resolve(cwd, env['DOTENV_CONFIG_PATH'] ?? '.env')),
  )) {
    if (Object.hasOwn(env, name)) continue;
    env[name] = value;
    loaded.add(name);
  }
  return loaded;
}

function read(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch {
    return {}; // not there, a directory, or not readable: never fatal
  }
}
