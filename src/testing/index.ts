export {
  createTestDatabase,
  type MigratedTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './create-test-database.js';
export type { TestMigratorOptions } from './server/scratch-migrator.js';
export type { Seed, TestContext } from './server/test-context.js';
export { expectRoundTrip, type RoundTripOptions } from './expect-round-trip.js';
export type { RoundTrip } from './round-trip/walk.js';
export { expectNoDrift, type DriftOfConfig, type DriftOfSchema } from './expect-no-drift.js';
export {
  expectOldBuildWorks,
  type OldBuildOptions,
  type OldBuildResult,
} from './expect-old-build-works.js';
export type { Suite, SuiteCommand } from './old-build/run-suite.js';
export {
  expectIdempotentBackfill,
  type IdempotentBackfillOptions,
  type IdempotentBackfillResult,
} from './expect-idempotent-backfill.js';
