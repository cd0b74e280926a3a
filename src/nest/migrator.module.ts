import { Module, type DynamicModule } from '@nestjs/common';
import {
  ConfigurableModuleClass,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './migrator.module-definition.js';

/**
 * Provides a `Migrator` (`@InjectMigrator()`), its `MigrationHealthIndicator`, and keeps readiness up to date in the background.
 * It never migrates: that is `runReleaseJob`'s, or `migrateBeforeStart`'s.
 */
@Module({})
export class MigratorModule extends ConfigurableModuleClass {
  /** Options as they are. Hand an existing pool or client over by `forRootAsync` instead: Nest may hash what stands here. */
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return super.forRoot(options);
  }

  /** Options from a factory, a class or an existing provider (`useFactory`, `useClass`, `useExisting`). */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }
}
