import { Injectable, SetMetadata, type Type } from '@nestjs/common';
import type { CodeMigrationContext } from '../options.js';
import { DEFAULT_MIGRATOR } from './migrator.tokens.js';

/** Metadata key of {@link CodeMigration}. */
export const CODE_MIGRATION_METADATA = 'nestjs-drizzle-migrator:code-migration';

/** What {@link CodeMigration} leaves on a class. */
export interface CodeMigrationMetadata {
  readonly name: string;
  readonly migrator: string;
}

/** What a class under {@link CodeMigration} looks like. */
export interface CodeMigrationProvider {
  up(context: CodeMigrationContext): Promise<void>;
  down?(context: CodeMigrationContext): Promise<void>;
}

/**
 * Makes a provider the code migration that `-- @run <name>` calls. List the class under `providers` of the migrations module
 * (or of a module that it imports); it is found there and handed to the migrator.
 *
 * @param name as in `-- @run <name>`
 * @param options.migrator name of the migrator whose migrations call it. @default 'default'
 *
 * @example
 * ```ts
 * @CodeMigration('normalise-phone-numbers')
 * export class NormalisePhoneNumbers {
 *   async up({ query }: CodeMigrationContext) { ... }
 * }
 * ```
 */
export function CodeMigration(
  name: string,
  options: { readonly migrator?: string } = {},
): <T extends Type<CodeMigrationProvider>>(target: T) => void {
  const metadata: CodeMigrationMetadata = { name, migrator: options.migrator ?? DEFAULT_MIGRATOR };
  return (target) => {
    Injectable()(target);
    SetMetadata(CODE_MIGRATION_METADATA, metadata)(target);
  };
}
