import type { DiscoveryService } from '@nestjs/core';
import { Reflector } from '@nestjs/core';
import { MigratorError } from '../errors.js';
import type { CodeMigration } from '../options.js';
import {
  CODE_MIGRATION_METADATA,
  type CodeMigrationMetadata,
  type CodeMigrationProvider,
} from './code-migration.decorator.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/**
 * The code migrations that the application's providers are, as values for `createMigrator`.
 * All modules are scanned before the first provider is made, so the classes are known here; their instances are fetched when they are run.
 * @param migrator name of the migrator they are for
 */
export function discoverCodeMigrations(
  discovery: DiscoveryService,
  migrator: string,
): readonly CodeMigration[] {
  const reflector = new Reflector();
  const found = new Map<unknown, CodeMigration>();
  for (const wrapper of discovery.getProviders()) {
    const { metatype } = wrapper;
    if (typeof metatype !== 'function' || found.has(metatype)) continue;
    const metadata = reflector.get<CodeMigrationMetadata | undefined>(
      CODE_MIGRATION_METADATA,
      metatype,
    );
    if (metadata === undefined || metadata.migrator !== migrator) continue;
    found.set(metatype, codeMigrationOf(metadata.name, wrapper));
  }
  return [...found.values()];
}

function codeMigrationOf(name: string, wrapper: Wrapper): CodeMigration {
  const prototype = (wrapper.metatype as { readonly prototype?: object } | null)?.prototype ?? {};
  const up: CodeMigration['up'] = async (context) => instanceOf(name, wrapper).up(context);
  if (!('down' in prototype)) return { name, up };
  return { name, up, down: async (context) => instanceOf(name, wrapper).down?.(context) };
}

/** @throws {MigratorError} `CONFIGURATION` where no request means no instance */
function instanceOf(name: string, wrapper: Wrapper): CodeMigrationProvider {
  if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
    throw new MigratorError('CONFIGURATION', {
      message: `The code migration ${name} is a request-scoped or transient provider, or depends on one. There is no request in a release job.`,
      state: 'Nothing was changed by it.',
      remedy: 'Give it, and what it injects, the default scope.',
    });
  }
  return wrapper.instance as CodeMigrationProvider;
}
