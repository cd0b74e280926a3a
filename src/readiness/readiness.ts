import type { OperationState } from '../operations/operation.js';
import type { LedgerMatch, LedgerSnapshot } from '../ledger/ledger.js';

/** `up` and `degraded` let traffic in, `down` does not. */
export type ReadinessState = 'up' | 'degraded' | 'down';

/** Fixed vocabulary (operating.md 2.3). */
export type ReasonCode =
  | 'unknown'
  | 'db_unreachable'
  | 'uninitialised'
  | 'no_permission'
  | 'behind'
  | 'operation_not_ready'
  | 'operation_contracted'
  | 'marker_missing'
  | 'ahead_incompatible'
  | 'diverged'
  | 'ahead'
  | 'ahead_undeclared'
  | 'migration_in_progress'
  | 'migration_failed'
  | 'checksum'
  | 'comments_changed'
  | 'unregistered'
  | 'contract_pending'
  | 'current';

/** Codes, tags, names of operations and counts only: bodies of health endpoints are public. */
export interface Reason {
  readonly code: ReasonCode;
  /** Of migrations, or names of operations or markers: at most ten; {@link count} says how many there are. */
  readonly tags?: readonly string[];
  readonly count?: number;
  /** With `behind`: a run has tried one of them and stopped. */
  readonly failed?: boolean;
}

/** What a probe answers. */
export interface Readiness {
  readonly state: ReadinessState;
  /** The one that decided first. */
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
      /** States of the operations on record, by name; null where none is registered and nobody looked, and where this login may not read them. */
      readonly operations?: ReadonlyMap<string, OperationState> | null;
      /** Whether this replica has no place in the fleet although it should. @default false */
      readonly unregistered?: boolean;
    };
