import type { Impact } from '../statements/statement.js';
import type {
  Attempt,
  AttemptKind,
  AttemptState,
  LedgerRow,
  LockRow,
  RepairResolution,
} from './ledger.js';

/**
 * Rows come as JSON arrays of text, so that one statement reads four tables at one moment and no driver turns a bigint into a number
 * or a timestamp into its own time zone. The order of the elements is that of the SQL in postgres/ and mysql/.
 */
export type JsonRow = readonly (string | null)[];

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
] as const;

/** {@link ATTEMPT_COLUMNS}; times are milliseconds since 1970. */
export function attemptRow(row: JsonRow): Attempt {
  const values = new Map(ATTEMPT_COLUMNS.map((name, index) => [name, row[index] ?? null]));
  const text = (name: (typeof ATTEMPT_COLUMNS)[number]): string | null => values.get(name) ?? null;
  const number = (name: (typeof ATTEMPT_COLUMNS)[number]): number | null => {
    const value = text(name);
    return value === null ? null : Number(value);
  };
  return {
    id: text('id') ?? '',
    // The sets of words are the tables' own: a CHECK on Postgres, and only we write them.
    kind: (text('kind') ?? 'migration') as AttemptKind,
    tag: text('tag') ?? '',
    fileChecksum: text('file_checksum'),
    tokenChecksum: text('token_checksum'),
    createdAtMs: number('created_at_ms'),
    impact: text('impact') as Impact | null,
    requires: text('requires'),
    state: (text('state') ?? 'interrupted') as AttemptState,
    statements: number('statements') ?? 0,
    statementCursor: number('statement_cursor') ?? 0,
    inFlight: number('in_flight'),
    objectsDigest: text('objects_digest'),
    fence: text('fence') ?? '0',
    runner: text('runner') ?? '',
    build: text('build'),
    actor: text('actor'),
    startedAt: isoTime(text('started_at')) ?? '',
    finishedAt: isoTime(text('finished_at')),
    errorCode: text('error_code'),
    reason: text('reason'),
    resolution: text('resolution') as RepairResolution | null,
  };
}

/** `[fence, holder_id, holder, session_id, session_start, acquired_at, released_at, heartbeat age]` */
export function lockRow(row: JsonRow): LockRow {
  const [fence, holderId, holder, sessionId, sessionStart, acquiredAt, releasedAt, age] = row;
  return {
    fence: fence ?? '0',
    holderId: holderId ?? null,
    holder: recordOf(holder ?? null),
    sessionId: sessionId ?? null,
    sessionStart: sessionStart ?? null,
    acquiredAt: isoTime(acquiredAt ?? null),
    releasedAt: isoTime(releasedAt ?? null),
    heartbeatAgeMs: age === null || age === undefined ? null : Number(age),
  };
}

function isoTime(ms: string | null): string | null {
  return ms === null ? null : new Date(Math.round(Number(ms))).toISOString();
}

/** MariaDB embeds a JSON column as the object it is, also through CONVERT; the others give text. */
function recordOf(json: unknown): Readonly<Record<string, unknown>> | null {
  const value: unknown = typeof json === 'string' ? JSON.parse(json) : json;
  return typeof value === 'object' && value !== null ? { ...value } : null;
}
