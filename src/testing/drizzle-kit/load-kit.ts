import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Dialect } from '../../database/database.js';
import { MigratorError } from '../../errors.js';

/** A snapshot as Drizzle Kit keeps it beside migrations. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** How schema.ts is written to columns without a name of their own. */
export type Casing = 'snake_case' | 'camelCase';

/** Drizzle Kit as a library. */
export interface Kit {
  /** `0.31` asks about renames at the terminal, `1` throws. */
  readonly generation: '0.31' | '1';
  snapshotOf(
    schema: Readonly<Record<string, unknown>>,
    options: { readonly casing?: Casing; readonly schemaFilter?: readonly string[] },
  ): Promise<Snapshot>;
  /** The statements that lead from one to the other. */
  statements(previous: Snapshot, current: Snapshot): Promise<readonly string[]>;
}

type Call = (...args: readonly unknown[]) => unknown;

/**
 * The project's own Drizzle Kit: 0.31 has `drizzle-kit/api`, 1.x an entry point a dialect.
 *
 * @throws {MigratorError} `MISSING_PACKAGE`
 */
export async function loadKit(dialect: Dialect): Promise<Kit> {
  const zero = await entry('drizzle-kit/api', () => import('drizzle-kit/api'));
  if (zero !== null) return dialect === 'mysql' ? zeroMysql(zero) : zeroPostgres(zero);
  // By a variable: these are entry points of a version that is not the one whose types are here.
  const name = `drizzle-kit/payload/${dialect === 'mysql' ? 'mysql' : 'postgres'}`;
  const one = await entry(name, () => import(name));
  if (one !== null) return kitOne(one);
  throw new MigratorError('MISSING_PACKAGE', {
    message: 'The package "drizzle-kit" is not installed, or has no API that is known here.',
    remedy: 'npm install --save-dev drizzle-kit',
    details: { package: 'drizzle-kit' },
  });
}

function zeroPostgres(api: Readonly<Record<string, Call>>): Kit {
  return {
    generation: '0.31',
    snapshotOf: async (schema, { casing, schemaFilter }) =>
      (await api['generateDrizzleJson']?.(schema, undefined, schemaFilter, casing)) as Snapshot,
    statements: async (previous, current) =>
      (await api['generateMigration']?.(previous, current)) as readonly string[],
  };
}

function zeroMysql(api: Readonly<Record<string, Call>>): Kit {
  return {
    generation: '0.31',
    snapshotOf: async (schema, { casing }) =>
      (await api['generateMySQLDrizzleJson']?.(schema, undefined, casing)) as Snapshot,
    statements: async (previous, current) =>
      (await api['generateMySQLMigration']?.(previous, current)) as readonly string[],
  };
}

function kitOne(api: Readonly<Record<string, Call>>): Kit {
  return {
    generation: '1',
    snapshotOf: async (schema, { schemaFilter }) =>
      (await api['generateDrizzleJson']?.(schema, undefined, schemaFilter)) as Snapshot,
    async statements(previous, current) {
      try {
        return (await api['generateMigration']?.(previous, current)) as readonly string[];
      } catch (error) {
        const questions = questionsOf(error);
        if (questions === null) throw error;
        return questions;
      }
    },
  };
}

/** What 1.x throws in place of a question, as comments; null = another error. */
function questionsOf(error: unknown): readonly string[] | null {
  const { code, missingHints } = (error ?? {}) as {
    readonly code?: unknown;
    readonly missingHints?: readonly {
      readonly kind: string;
      readonly entity: readonly string[];
    }[];
  };
  if (code !== 'missing_hints' || missingHints === undefined) return null;
  return missingHints.map(
    ({ kind, entity }) => `-- drizzle-kit asks about the ${kind} ${entity.join('.')}`,
  );
}

/** From where this package is, else from the working directory: in a monorepo the kit is often the project's alone. null = there is none. */
async function entry(
  name: string,
  load: () => Promise<unknown>,
): Promise<Readonly<Record<string, Call>> | null> {
  try {
    return exportsOf(await load());
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  try {
    const path = createRequire(join(process.cwd(), 'package.json')).resolve(name);
    return exportsOf(await import(pathToFileURL(path).href));
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** CommonJS, imported, may have everything under `default` alone. */
function exportsOf(module: unknown): Readonly<Record<string, Call>> {
  const { default: inner, ...named } = module as Readonly<Record<string, unknown>>;
  return { ...(inner as object | undefined), ...named } as Readonly<Record<string, Call>>;
}

function isAbsent(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return (
    code === 'ERR_MODULE_NOT_FOUND' ||
    code === 'MODULE_NOT_FOUND' ||
    code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
  );
}
