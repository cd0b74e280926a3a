import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadPackage } from '../database/load-package.js';
import { MigratorError } from '../errors.js';
import type { GenerateRequest, GenerateSql } from '../down/make-down.js';

/** What both lines of Drizzle Kit give for one dialect. */
type Generate = (from: unknown, to: unknown) => Promise<readonly string[]>;

interface KitModule {
  readonly generateMigration?: Generate;
  readonly generateMySQLMigration?: Generate;
  readonly default?: KitModule;
}

/** An entity of 1.x about which it would ask. */
interface MissingHint {
  readonly kind?: unknown;
  readonly entity?: unknown;
}

/**
 * Drizzle Kit's statements between two snapshots. 1.x throws what it would have to ask; 0.x asks at the terminal, so it must not be called
 * where it would.
 *
 * @throws {MigratorError} `MISSING_PACKAGE` when it is not installed, or another line than the one that wrote the snapshots; `SNAPSHOT_UNUSABLE`
 * @see drizzle-kit 0.31 `drizzle-kit/api`; 1.0.0-rc.5 `drizzle-kit/payload/postgres` and `drizzle-kit/payload/mysql`
 */
export const drizzleKitSql: GenerateSql = async (request) => {
  const generate = await load(request);
  try {
    return { kind: 'statements', statements: await generate(request.from, request.to) };
  } catch (error) {
    const questions = questionsOf(error);
    if (questions !== null) return { kind: 'questions', questions };
    throw new MigratorError('SNAPSHOT_UNUSABLE', {
      message: `Drizzle Kit ${request.line} cannot compare the snapshots.`,
      state: 'Nothing was written.',
      remedy:
        'Bring the folder to the version of Drizzle Kit that is installed (npx drizzle-kit up), or write the down file by hand.',
      cause: error,
    });
  }
};

async function load({ line, dialect }: GenerateRequest): Promise<Generate> {
  const path =
    line === '0.x'
      ? 'drizzle-kit/api'
      : `drizzle-kit/payload/${dialect === 'mysql' ? 'mysql' : 'postgres'}`;
  const loaded = await importKit(path, line);
  // What a CommonJS module exports stands in `default` where Node cannot name it.
  const kit = { ...loaded.default, ...loaded };
  const generate =
    line === '0.x' && dialect === 'mysql' ? kit.generateMySQLMigration : kit.generateMigration;
  if (generate === undefined) throw otherLine(line);
  return generate;
}

/** The project's own Drizzle Kit, which wrote the snapshots; else the one beside this package. */
async function importKit(path: string, line: GenerateRequest['line']): Promise<KitModule> {
  try {
    const found = resolveFromProject(path);
    if (found !== null) return (await import(pathToFileURL(found).href)) as KitModule;
    return await loadPackage<KitModule>('drizzle-kit', () => import(path));
  } catch (error) {
    throw isOtherLine(error) ? otherLine(line, error) : error;
  }
}

function resolveFromProject(path: string): string | null {
  try {
    return createRequire(join(process.cwd(), 'package.json')).resolve(path);
  } catch (error) {
    if (isOtherLine(error)) throw error;
    return null; // not in the project
  }
}

function isOtherLine(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
}

function otherLine(line: GenerateRequest['line'], cause?: unknown): MigratorError {
  const wanted = line === '0.x' ? 'drizzle-kit@^0.31' : 'drizzle-kit@^1';
  return new MigratorError('MISSING_PACKAGE', {
    message: `The snapshots are of Drizzle Kit ${line}, and the "drizzle-kit" that is installed is another: npm install --save-dev ${wanted}`,
    state: 'Nothing was written.',
    remedy:
      line === '0.x'
        ? `npm install --save-dev ${wanted}, or bring the folder to 1.x: npx drizzle-kit up`
        : `npm install --save-dev ${wanted}`,
    details: { package: 'drizzle-kit', line },
    ...(cause !== undefined && { cause }),
  });
}

/** By shape: the class is of the copy that was loaded. */
function questionsOf(error: unknown): readonly string[] | null {
  const hints: unknown =
    typeof error === 'object' && error !== null && 'missingHints' in error
      ? error.missingHints
      : null;
  if (!Array.isArray(hints)) return null;
  return hints.map((hint: MissingHint) => {
    const name = Array.isArray(hint.entity) ? hint.entity.join('.') : '';
    return `${String(hint.kind)} ${name.replace(/\p{Cc}/gu, '?')} is new under this name, or something that is there under another`;
  });
}
