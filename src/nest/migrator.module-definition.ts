import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { MigratorOptions } from '../options.js';
import { migratorProviders, migratorTokens, migratorImports } from './migrator.providers.js';
import { DEFAULT_MIGRATOR, MIGRATOR_OPTIONS } from './migrator.tokens.js';
import { toldAsConfiguration } from './options-factory.js';

/** What the module must know before its options exist. */
export interface MigratorExtras {
  /** Makes the migrator injectable in every module without an import. @default false */
  readonly isGlobal?: boolean;
  /** Name of the migrator, where one application has several databases; see `getMigratorToken`. @default 'default' */
  readonly name?: string;
}

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<MigratorOptions>({
    moduleName: 'Migrator',
    optionsInjectionToken: MIGRATOR_OPTIONS,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMigratorOptions')
    .setExtras<MigratorExtras>(
      { isGlobal: false, name: DEFAULT_MIGRATOR },
      (definition, { isGlobal = false, name = DEFAULT_MIGRATOR }) => ({
        ...definition,
        global: isGlobal,
        imports: [...(definition.imports ?? []), ...migratorImports],
        providers: [
          ...(definition.providers ?? []).map((provider) => toldAsConfiguration(provider, name)),
          ...migratorProviders(name),
        ],
        exports: [...(definition.exports ?? []), ...migratorTokens(name)],
      }),
    )
    .build();
