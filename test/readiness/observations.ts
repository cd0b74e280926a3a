import type {
  Attempt,
  LedgerRow,
  LedgerSnapshot,
  Match,
  Verdict,
} from '../../src/ledger/ledger.js';
import type { KnownMigration } from '../../src/readiness/knowledge.js';
import type { ReadinessObservation } from '../../src/readiness/readiness.js';
import type { Impact } from '../../src/statements/statement.js';

/** A journal of the test: tag, impact, and what the ledger says about it. Times are 1000, 2000, ... in this order. */
export interface Entry {
  readonly tag: string;
  readonly impact?: Impact | null;
  readonly verdict?: Verdict;
}

export type Read = Extract<ReadinessObservation, { kind: 'read' }>;

export const timeOf = (position: number): number => (position + 1) * 1000;

export function known(entries: readonly Entry[]): KnownMigration[] {
  return entries.map(({ tag, impact = 'expand' }, position) => ({
    tag,
    position,
    createdAtMs: timeOf(position),
    impact,
  }));
}

export function row(id: string, atMs: number | null, name: string | null = null): LedgerRow {
  return { id, hash: `hash-of-${id}`, createdAt: atMs === null ? null : String(atMs), name };
}

/** An attempt at the migration that stands in the ledger as `row(tag, atMs)`. */
export function attempt(tag: string, atMs: number, over: Partial<Attempt> = {}): Attempt {
  return {
    id: '1',
    kind: 'migration',
    tag,
    fileChecksum: `hash-of-${tag}`,
    tokenChecksum: null,
    createdAtMs: atMs,
    impact: 'expand',
    requires: null,
    state: 'done',
    statements: 1,
    statementCursor: 0,
    inFlight: null,
    objectsDigest: null,
    fence: '1',
    runner: 'runner',
    build: null,
    actor: null,
    startedAt: '2024-01-01T00:00:00Z',
    finishedAt: null,
    errorCode: null,
    reason: null,
    resolution: null,
    stepDigests: null,
    ...over,
  };
}

/** A read: the journal laid over a ledger that holds what is not pending, plus unknown rows and attempts. */
export function read(
  entries: readonly Entry[],
  over: {
    readonly unknown?: readonly LedgerRow[];
    readonly attempts?: readonly Attempt[];
    readonly missingMarkers?: readonly string[];
    readonly version?: LedgerSnapshot['version'];
  } = {},
): Read {
  const matches = entries.map(({ tag, verdict = 'applied' }, position): Match => {
    const missing = verdict === 'pending' || verdict === 'ambiguous';
    return {
      tag,
      position,
      verdict,
      row: missing ? null : row(tag, timeOf(position)),
      outOfOrder: false,
    };
  });
  const unknown = over.unknown ?? [];
  return {
    kind: 'read',
    ledger: {
      version: over.version === undefined ? 'v0' : over.version,
      rows: [...matches.flatMap((match) => (match.row ? [match.row] : [])), ...unknown],
      bootstrapped: true,
      attempts: over.attempts ?? [],
      empty: false,
    },
    match: { entries: matches, unknown, duplicates: [] },
    missingMarkers: over.missingMarkers ?? [],
  };
}
