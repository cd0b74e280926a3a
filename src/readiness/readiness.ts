import type { LedgerMatch, LedgerSnapshot } from '../ledger/ledger.js';

export type ReadinessState = 'up' | 'degraded' | 'down';

/** Fixed vocabulary (operating.md 2.3). */
export type ReasonCode =
  | 'unknown'
  | 'db_unreachable'
  | 'uninitialised'
  | 'no_permission'
  | 'behind'
  | 'marker_missing'
  | 'ahead_incompatible'
  | 'diverged'
  | 'ahead'
  | 'ahead_undeclared'
  | 'migration_in_progress'
  | 'migration_failed'
  | 'checksum'
  | 'comments_changed'
  | 'contract_pending'
  | 'current';

/** Codes, tags and counts only: bodies of health endpoints are public. */
export interface Reason {
  readonly code: ReasonCode;
  /** At most ten tags; {@link count} says how many there are. */
  readonly tags?: readonly string[];
  readonly count?: number;
  readonly failed?: boolean;
}

export interface Readiness {
  readonly state: ReadinessState;
  readonly reasons: readonly Reason[];
}

/** What a refresher's read gave. */
export type ReadinessObservation =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'no-permission' }
  | {
      readonly kind: 'read';
      readonly ledger: LedgerSnapshot;
      readonly match: LedgerMatch;
      readonly missingMarkers: readonly string[];
    };
