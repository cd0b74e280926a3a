import type { DynamicModule } from '@nestjs/common';
import type { MigratorRegistration } from '../../src/nest/index.js';
import { MIGRATOR_REGISTRATION } from '../../src/nest/migrator.tokens.js';
import type { FakeMigrator } from './fake-migrator.js';

/** A migrations module around fakes, one module a migrator as `MigratorModule` makes them. */
export function migrationsModuleOf(
  migrators: readonly FakeMigrator[],
  over: Partial<MigratorRegistration> = {},
): DynamicModule {
  return {
    module: class MigrationsModule {},
    imports: migrators.map((migrator) => ({
      module: class OneMigratorModule {},
      providers: [
        {
          provide: MIGRATOR_REGISTRATION,
          useValue: {
            migrator: migrator.asMigrator,
            allowStartupInProduction: false,
            lockWaitMs: undefined,
            ...over,
          },
        },
      ],
    })),
  };
}
