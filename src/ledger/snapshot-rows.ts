import type { Impact } from '../statements/statement.js';
import type { Attempt, AttemptKind, AttemptState, LedgerRow, RepairResolution } from './ledger.js';

/**
 * Rows come as JSON arrays of text, so that one statement reads three tables at one moment and no driver turns a bigint into a number
 * or a timestamp into its own time zone. The order of the elements is that of the SQL in postgres/ and mysql/.
 */
export type JsonRow = readonly (string | null)[];

/** What a dialect reads, before it is given types. */
export interface RawSnapshot {
  readonly rows: readonly JsonRow[];
  readonly versions: readonly string[];
  readonly attempts: readonly JsonRow[];
  readonly empty: boolean;
}

/** What a dialect reads where the ledger is expected to be a certain one. */
export interface RawDigest {
  readonly digest: string;
  readonly attempts: readonly JsonRow[];
  /** Whether the lease that was to be renewed beside it is; null = none was. */
  readonly renewed: boolean | null;
  /** `[name, state]` of each operation on record; null = not asked. */
  readonly operations: readonly JsonRow[] | null;
}

/** A statement, or a part of one, with its parameters. */
export interface BoundSql {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** What a replica asks and says in the round trip in which it reads the digest. */
export interface Beside {
  /** Its lease: the UPDATE that renews it, and the FROM clause whose rows say that it lives. */
  readonly lease?: {
    renewing(firstParameter: number): BoundSql;
    living(firstParameter: number): BoundSql;
  };
  /** Whether the operations' states are wanted. @default false */
  readonly operations?: boolean;
}

/** `[id, hash, created_at, name]` */
export function ledgerRow([id, hash, createdAt, name]: JsonRow): LedgerRow {
  return { id: id ?? '', hash: hash ?? '', createdAt: createdAt ?? null, name: name ?? null };
}

/** The columns of `migration_attempts` that are read, in order. */
export const ATTEMPT_COLUMNS = [
  'id',
  'kind',
  'tag',
  'file_checksum',
  'token_checksum',
  'created_at_ms',
  'impact',
  'requires',
  'state',
  'statements',
  'statement_cursor',
  'in_flight',
  'objects_digest',
  'fence',
  'runner',
  'build',
  'actor',
  'started_at',
  'finished_at',
  'error_code',
  'reason',
  'resolution',
  'steps',
] as const;

/** {@link ATTEMPT_COLUMNS}; times are milliseconds since 1970. Spelt out: hundreds of rows are read each time. */
export function attemptRow(row: JsonRow): Attempt {
  return {
    id: row[0] ?? '',
    // The sets of words are the tables' own: a CHECK on Postgres, and only we write them.
    kind: (row[1] ?? 'migration') as AttemptKind,
    tag: row[2] ?? '',
    fileChecksum: row[3] ?? null,
    tokenChecksum: row[4] ?? null,
    createdAtMs: numberOf(row[5]),
    impact: (row[6] ?? null) as Impact | null,
    requires: row[7] ?? null,
    state: (row[8] ?? 'interrupted') as AttemptState,
    statements: numberOf(row[9]) ?? 0,
    statementCursor: numberOf(row[10]) ?? 0,
    inFlight: numberOf(row[11]),
    objectsDigest: row[12] ?? null,
    fence: row[13] ?? '0',
    runner: row[14] ?? '',
    build: row[15] ?? null,
    actor: row[16] ?? null,
    startedAt: isoTime(row[17] ?? null) ?? '',
    finishedAt: isoTime(row[18] ?? null),
    errorCode: row[19] ?? null,
    reason: row[20] ?? null,
    resolution: (row[21] ?? null) as RepairResolution | null,
    stepDigests: row[22] == null ? null : row[22].split(' '),
  };
}

function numberOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}

function isoTime(ms: string | null): string | null {
  return ms === null ? null : new Date(Math.round(Number(ms))).toISOString();
}
