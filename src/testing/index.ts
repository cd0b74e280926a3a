export {
  createTestDatabase,
  type MigratedTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './create-test-database.js';
export type { TestMigratorOptions } from './server/scratch-migrator.js';
export type { Seed, TestContext } from './server/test-context.js';
