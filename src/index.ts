export { createMigrator } from './create-migrator.js';
export { EXIT_CODES, MigratorError, isMigratorError } from './errors.js';
export type {
  DriverFacts,
  ErrorCode,
  ErrorDetail,
  ErrorPlace,
  MigratorErrorInit,
} from './errors.js';
export type {
  AppliedMigration,
  BaselineResult,
  Migrator,
  PlanResult,
  PlannedMigration,
  PlannedStatement,
  ReadinessProbe,
  RepairResult,
  StatusMigration,
  StatusResult,
  UnlockResult,
  UpOptions,
  UpResult,
  VerifyResult,
  WaitResult,
} from './migrator.js';
export type {
  CodeMigration,
  CodeMigrationContext,
  DatabaseOptions,
  Marker,
  MigratorOptions,
  ReadinessOptions,
} from './options.js';
export type { Coordinator, HolderInfo, Lease, LockOptions, Scope } from './lock/lock.js';
export type { Policies } from './plan/plan.js';
export type { Readiness, ReadinessState, Reason, ReasonCode } from './readiness/readiness.js';
export type { BlockingSession, Finding, RunEvent, RunListener } from './run-events.js';
export type { Dialect, Session } from './database/database.js';
export type { Impact } from './statements/statement.js';
