import type { PlannedMigration, UpOptions, UpResult } from '../migrator.js';
import type { Finding } from '../run-events.js';

/** Options of {@link Migrator.down}. */
export interface DownOptions extends Pick<UpOptions, 'waitMs' | 'withoutCoordinator' | 'signal'> {
  /** The last migration that stays; null = none does. */
  readonly to: string | null;
  /** Only say what would be done. Reads only. @default false */
  readonly dryRun?: boolean;
  /**
   * Whether contracts may be reverted too: for databases whose data does not count, such as those of tests. What they took away does not come back.
   * @default 'refuse'
   */
  readonly contracts?: 'refuse' | 'revert';
  /** Revert although instances run that will fail; on record. @default false */
  readonly allowDowntime?: boolean;
  /** The operator has made certain that no build which knows the migrations runs; on record. @default false */
  readonly fleetConfirmed?: boolean;
}

/** One migration that a run reverted. */
export interface RevertedMigration {
  readonly tag: string;
  /** How many statements its down file has. */
  readonly statements: number;
  /** Milliseconds, waits for table locks included. */
  readonly durationMs: number;
  /** How many of its positions an earlier run had completed; 0 for a fresh one. */
  readonly resumedFrom: number;
}

/** What {@link Migrator.down} did, or with `dryRun` would do. */
export interface DownResult {
  readonly outcome: 'reverted' | 'nothing-to-do' | 'dry-run';
  /** Newest first. */
  readonly reverted: readonly RevertedMigration[];
  /** With `dryRun` only: what would be run, newest first. */
  readonly planned: readonly PlannedMigration[];
  readonly findings: readonly Finding[];
  /** null when no lock was taken. */
  readonly fence: string | null;
  /** Milliseconds spent waiting for the lock. */
  readonly waitedMs: number;
  /** Milliseconds altogether. */
  readonly durationMs: number;
}

/** What {@link Migrator.redo} did. */
export interface RedoResult {
  readonly tag: string;
  readonly down: DownResult;
  readonly up: UpResult;
}
