import type { FenceRow } from './lock.js';

/** A row of the fence as it is read: numbers are text, and `released` is 0 or 1, so that no driver makes them anything else. */
export interface StoredFence {
  readonly fence: string;
  readonly holder_id: string | null;
  readonly holder: string | null;
  readonly session_id: string | null;
  readonly session_start: string | null;
  readonly held_for_ms: string | null;
  readonly released: string;
  readonly heartbeat_age_ms: string | null;
}

/** What stands in a row of the fence. */
export function fenceRowOf(row: StoredFence): FenceRow {
  return {
    fence: row.fence,
    holderId: row.holder_id,
    holder: row.holder === null ? null : (JSON.parse(row.holder) as FenceRow['holder']),
    session: row.session_id === null ? null : { id: row.session_id, start: row.session_start },
    heldForMs: row.held_for_ms === null ? null : Number(row.held_for_ms),
    released: row.released === '1',
    heartbeatAgeMs: row.heartbeat_age_ms === null ? null : Number(row.heartbeat_age_ms),
  };
}
