import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MigratorError } from '../../errors.js';
import type { Migrator } from '../../migrator.js';
import type { MigrationsContext, MigrationsModule } from '../../nest/migrations-context.js';
import { moduleLoadError } from './config-error.js';

type NestEntry = typeof import('../../nest/index.js');

/** The migrator of a Nest module, and the context it lives in. */
export interface OpenedModule {
  readonly migrator: Migrator;
  close(): Promise<void>;
}

/**
 * Boots a compiled migrations module (never the application's) and takes the migrator of that name out of it.
 * Nest, and this package's Nest entry, are those that the module itself finds: tokens of another copy would find nothing.
 *
 * @param file absolute path
 * @throws {MigratorError} `CONFIGURATION`, `MISSING_PACKAGE`, or what the module's own factories throw
 */
export async function openModule(
  file: string,
  name: string,
  logLine: (line: string) => void,
): Promise<OpenedModule> {
  if (!existsSync(file) || !['.js', '.mjs', '.cjs'].includes(extname(file))) {
    throw moduleError(
      file,
      existsSync(file)
        ? 'is not compiled: --module takes the JavaScript that `nest build` writes'
        : 'does not exist',
      'nest build, then --module dist/migrations.module.js',
    );
  }
  const nest = await loadNest(file);
  const module = migrationsModuleOf(await load(file), file);
  const { RedactingLogger } = await import('../../nest/redacting-logger.js');
  const context = await nest.openMigrationsContext(module, new RedactingLogger(logLine));
  try {
    return { migrator: choose(context, name, file), close: () => context.close() };
  } catch (error) {
    await context.close();
    throw error;
  }
}

async function loadNest(file: string): Promise<NestEntry> {
  try {
    const own = resolveFrom(file, 'nestjs-drizzle-migrator/nest');
    return own === null
      ? await import('../../nest/index.js')
      : ((await import(pathToFileURL(own).href)) as NestEntry);
  } catch (error) {
    const missing = /'(@nestjs\/(?:common|core)|reflect-metadata|rxjs)'/.exec(
      error instanceof Error ? error.message : '',
    )?.[1];
    if (missing === undefined) throw error;
    throw new MigratorError('MISSING_PACKAGE', {
      message: `The package "${missing}" is not installed; --module needs it: npm install ${missing}`,
      remedy: `npm install ${missing}`,
      details: { package: missing },
      cause: error,
    });
  }
}

function resolveFrom(file: string, specifier: string): string | null {
  try {
    return createRequire(file).resolve(specifier);
  } catch {
    return null; // the module lies outside a project that has the package: this copy serves
  }
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw moduleLoadError(file, error);
  }
}

/** `MigrationsModule`, else the default export, else the one exported class that is a Nest module. */
function migrationsModuleOf(exported: Record<string, unknown>, file: string): MigrationsModule {
  // Of CommonJS, the exports stand under `default` too.
  const inner = exported['default'];
  const all = { ...(typeof inner === 'object' ? inner : {}), ...exported };
  const named = all['MigrationsModule'];
  if (named !== undefined) return named as MigrationsModule;
  if (typeof inner === 'function' || isDynamicModule(inner)) return inner as MigrationsModule;
  const modules = Object.values(all).filter(isModuleClass);
  const [only] = modules;
  if (only !== undefined && modules.length === 1) return only as MigrationsModule;
  throw moduleError(
    file,
    modules.length === 0 ? 'exports no Nest module' : 'exports several Nest modules',
    'Export the class MigrationsModule from it.',
  );
}

function isDynamicModule(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'module' in value;
}

/** Nest keeps what `@Module` says under these keys (source: @nestjs/common 12 constants). */
function isModuleClass(value: unknown): boolean {
  const reflect = Reflect as { hasMetadata?: (key: string, target: object) => boolean };
  return (
    typeof value === 'function' &&
    ['imports', 'providers'].some((key) => reflect.hasMetadata?.(key, value) === true)
  );
}

function choose(context: MigrationsContext, name: string, file: string): Migrator {
  const migrators = context.migrators.map(({ migrator }) => migrator);
  const found = migrators.find((migrator) => migrator.name === name);
  if (found !== undefined) return found;
  const [only] = migrators;
  if (only !== undefined && migrators.length === 1 && name === 'default') return only;
  const names = migrators.map((migrator) => migrator.name).join(', ');
  throw moduleError(
    file,
    `has no migrator of the name ${name}; it has ${names}`,
    `--name with one of: ${names}`,
  );
}

function moduleError(file: string, what: string, remedy: string): MigratorError {
  return new MigratorError('CONFIGURATION', {
    message: `The module ${what}.`,
    place: { file },
    state: 'Nothing was connected to and nothing was changed.',
    remedy,
  });
}
