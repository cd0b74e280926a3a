import type { AttemptKind, AttemptState } from './ledger.js';
import type { ActionFacts, MigrationFacts, Progress, WriterContext } from './ledger-writes.js';

/** What an insert into `migration_attempts` gives; times are the server's. */
export interface NewAttempt extends Progress {
  readonly kind: AttemptKind;
  readonly state: AttemptState;
  readonly errorCode: string | null;
  readonly reason: string | null;
  /** Milliseconds since it began, or with the transaction, for an attempt that is written when it is over; null = it is still running. */
  readonly durationMs: number | 'transaction' | null;
}

/** Columns in the order of {@link attemptValues}, with the type that Postgres must be told where the value goes through a SELECT list. */
export const INSERTED_COLUMNS = [
  ['scope', 'text'],
  ['kind', 'text'],
  ['tag', 'text'],
  ['file_checksum', 'text'],
  ['token_checksum', 'text'],
  ['created_at_ms', 'bigint'],
  ['impact', 'text'],
  ['requires', 'text'],
  ['state', 'text'],
  ['statements', 'int'],
  ['statement_cursor', 'int'],
  ['in_flight', 'int'],
  ['objects_digest', 'text'],
  ['fence', 'bigint'],
  ['runner', 'text'],
  ['build', 'text'],
  ['actor', 'text'],
  ['error_code', 'text'],
  ['reason', 'text'],
  ['detail', 'jsonb'],
] as const;

/** Values for {@link INSERTED_COLUMNS}. */
export function attemptValues(
  context: WriterContext,
  facts: MigrationFacts,
  attempt: NewAttempt,
): readonly (string | number | null)[] {
  return [
    context.scope,
    attempt.kind,
    facts.tag,
    facts.fileChecksum,
    facts.tokenChecksum,
    facts.createdAtMs,
    facts.impact,
    facts.requires,
    attempt.state,
    facts.statements,
    attempt.cursor,
    attempt.inFlight,
    attempt.digest,
    context.fence,
    context.runner,
    context.build,
    context.actor,
    attempt.errorCode,
    attempt.reason,
    facts.detail === undefined ? null : JSON.stringify(facts.detail),
  ];
}

/** An action in the columns of an attempt: its operation's definition stands where a migration's file does. */
export function actionFacts({ name, specHash, statements }: ActionFacts): MigrationFacts {
  return {
    tag: name,
    fileChecksum: specHash,
    tokenChecksum: null,
    createdAtMs: 0,
    impact: null,
    requires: null,
    statements,
  };
}

/** A decision about a migration in the columns of an attempt: it has no file of its own. */
export function gateFacts(tag: string, detail: Readonly<Record<string, unknown>>): MigrationFacts {
  return { ...actionFacts({ name: tag, specHash: '', statements: 0 }), detail };
}

/** Forward, or the way back. */
export function kindOf({ reverts }: MigrationFacts): 'migration' | 'down' {
  return reverts === undefined ? 'migration' : 'down';
}

/** An attempt that is over: every position is known complete, or none. */
export function finished(
  kind: AttemptKind,
  state: AttemptState,
  facts: MigrationFacts,
  more: Partial<NewAttempt> = {},
): NewAttempt {
  return {
    kind,
    state,
    cursor: state === 'done' ? facts.statements : 0,
    inFlight: null,
    digest: null,
    errorCode: null,
    reason: null,
    durationMs: 0,
    ...more,
  };
}
