import { existsSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MigratorError } from '../errors.js';
import { rewriteCommands } from '../report/rewrite-commands.js';
import { shellWord } from '../report/shell-word.js';
import type { MigrationsModule } from './migrations-context.js';

/** Where `nest build` puts a migrations module, seen from the file that was started: as the documentation has it, or in a folder of its own. */
const BESIDE_MAIN = ['js', 'mjs', 'cjs'].flatMap((extension) => [
  `migrations.module.${extension}`,
  `migrations/migrations.module.${extension}`,
]);

/** Whose commands are advised. */
export interface Advised {
  readonly module: MigrationsModule;
  /** File of that module, where the caller has said it; a URL or a path. */
  readonly moduleFile: string | URL | undefined;
  /** Name of the migrator that failed; null where the module has only one. */
  readonly name: string | null;
  /** The file that was started. @default process.argv[1] */
  readonly main?: string;
}

/**
 * The error with commands that work for a configuration that lives in a Nest module: `npx nest-migrate up --module dist/migrations.module.js`.
 * Where the module's file is not known for certain, the error as it is: a wrong file would be another database.
 */
export async function withModuleCommands(
  error: MigratorError,
  advised: Advised,
): Promise<MigratorError> {
  if (!`${error.remedy} ${error.state ?? ''}`.includes('nest-migrate ')) return error;
  const file = await fileOf(advised);
  if (file === null) return error;
  const name = advised.name === null ? '' : ` --name ${shellWord(advised.name)}`;
  return rewriteCommands(
    error,
    (command) => `npx ${command} --module ${shellWord(shortest(file))}${name}`,
  );
}

async function fileOf({ module, moduleFile, main }: Advised): Promise<string | null> {
  if (moduleFile !== undefined) return pathOf(moduleFile);
  const started = main ?? process.argv[1];
  if (started === undefined) return null;
  for (const name of BESIDE_MAIN) {
    const file = join(dirname(started), name);
    if (existsSync(file) && (await isFileOf(module, file))) return file;
  }
  return null;
}

/** The command line takes compiled files alone. */
function pathOf(given: string | URL): string | null {
  const path = /^file:/i.test(String(given)) ? fileURLToPath(given) : String(given);
  return ['.js', '.mjs', '.cjs'].includes(extname(path)) ? path : null;
}

/**
 * Whether `--module` with that file would take this very module. A module that is in use has been loaded from its file, and importing it
 * again gives what is there.
 */
async function isFileOf(module: MigrationsModule, file: string): Promise<boolean> {
  try {
    const exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    const inner = exported['default'];
    // Of CommonJS, the exports stand under `default` too.
    const all = { ...(typeof inner === 'object' ? inner : {}), ...exported };
    return (all['MigrationsModule'] ?? inner) === module;
  } catch {
    return false; // it cannot be loaded, so it is not where the module came from
  }
}

/** Relative to where the command will be typed, unless that is longer. */
function shortest(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.length < file.length ? fromHere : file;
}
