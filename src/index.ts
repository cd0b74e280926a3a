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
  DownOptions,
  DownResult,
  RedoResult,
  RevertedMigration,
} from './migrator/down-contract.js';
export type {
  BackfillRun,
  BackfillRunOptions,
  BackfillStatus,
  MigratorBackfills,
} from './migrator/backfills-contract.js';
export type {
  AddedLines,
  MigratorOperations,
  OperationStatus,
  UndoOptions,
  UndoResult,
} from './migrator/operations-contract.js';
export type {
  BackupOptions,
  CodeMigration,
  CodeMigrationContext,
  DatabaseOptions,
  FleetOptions,
  Marker,
  MigratorOptions,
  ReadinessOptions,
} from './options.js';
export type { FleetMode, FleetProbe, ProbeContext, Sighting } from './fleet/fleet.js';
export { databaseSessions, type DatabaseSessionsOptions } from './fleet/database-sessions.js';
export type { Coordinator, HolderInfo, Lease, LockOptions, Scope } from './lock/lock.js';
export type { BackfillsBy, Policies } from './plan/plan.js';
export type { LintCounts, LintedMigration, LintFinding, Tier } from './lint/finding.js';
export type { LintRange, LintResult } from './lint/lint-journal.js';
export type { SplitDraft } from './lint/split/split-migration.js';
export type { LintRequest } from './migrator/lint.js';
export type { MadeDown, MakeDownRequest } from './migrator/make-down.js';
export type { GenerateRequest, GenerateSql } from './down/make-down.js';
export type { Readiness, ReadinessState, Reason, ReasonCode } from './readiness/readiness.js';
export type { BlockingSession, Finding, RunEvent, RunListener } from './run-events.js';
export type { Manifest, ManifestMigration } from './journal/manifest.js';
export type {
  CanRunResult,
  DeferredMigration,
  FleetInstance,
  FleetResult,
} from './migrator/fleet-contract.js';
export type { ManifestFacts } from './migrator/manifest.js';
export type { Dialect, Session } from './database/database.js';
export type { RowFailure, Want } from './backfill/backfill.js';
export type { Impact } from './statements/statement.js';
export { backfill } from './operations/backfill-rows.js';
export { changeColumnType } from './operations/change-column-type.js';
export { renameColumn } from './operations/rename-column.js';
export { tightenCheck } from './operations/tighten-check.js';
export { tightenForeignKey } from './operations/tighten-foreign-key.js';
export { tightenLength } from './operations/tighten-length.js';
export { tightenNotNull } from './operations/tighten-not-null.js';
export { tightenUnique } from './operations/tighten-unique.js';
export type {
  Backfill,
  BackfillRows,
  BackfillSettings,
  ChangeColumnType,
  Operation,
  OperationState,
  Phase,
  RenameColumn,
  TightenConstraint,
} from './operations/operation.js';
