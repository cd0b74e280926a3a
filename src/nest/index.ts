export {
  DRIZZLE_CLIENT,
  DRIZZLE_DATABASE,
  getDrizzleClientToken,
  getDrizzleDatabaseToken,
} from './client-tokens.js';
export { CodeMigration, type CodeMigrationProvider } from './code-migration.decorator.js';
export {
  getMigrationHealthToken,
  InjectMigrationHealth,
  MigrationHealthIndicator,
} from './migration.health.js';
export {
  openMigrationsContext,
  type MigrationsContext,
  type MigrationsModule,
} from './migrations-context.js';
export { MigratorModule } from './migrator.module.js';
export type { MigratorExtras } from './migrator.module-definition.js';
export type { MigratorRegistration } from './migrator.providers.js';
export { getMigratorToken, InjectMigrator } from './migrator.tokens.js';
export { runReleaseJob, type ReleaseJobOptions } from './release-job.js';
export { isReleaseJob } from './release-job-arguments.js';
export type { MigratedDatabase } from './run-migrators.js';
export { migrateBeforeStart, type StartUpOptions } from './start-up.js';
