import type { Dialect, SqlMode } from '../database/database.js';

export type { Dialect, SqlMode };

/** What a migration does to builds that do not know it (DESIGN 4). */
export type Impact = 'expand' | 'contract' | 'breaking';

/** One SQL statement of a file, exactly as it is sent. */
export interface Statement {
  /** 0-based position among the statements of the file; the statement cursor counts these. */
  readonly index: number;
  /** Text to send: trimmed of surrounding white space, without the closing `;` or marker, leading comments kept. */
  readonly sql: string;
  /** 1-based line on which the first code token stands. */
  readonly line: number;
  /** Offset of the first code token in the file's text. */
  readonly offset: number;
  readonly endedBy: ';' | 'marker' | 'eof';
  /** First keywords in upper case, such as `CREATE INDEX CONCURRENTLY`. Holds no identifier and no literal. */
  readonly head: string;
}

/** A schema object named by a statement. Names as the server stores them: unquoted Postgres names are lower-cased. */
export interface ObjectName {
  readonly kind:
    | 'table'
    | 'view'
    | 'materialized view'
    | 'index'
    | 'type'
    | 'schema'
    | 'sequence'
    | 'function'
    | 'procedure'
    | 'trigger'
    | 'event'
    | 'policy'
    | 'extension'
    | 'database'
    | 'role'
    | 'column'
    | 'constraint'
    | 'rule'
    | 'domain'
    | 'publication'
    | 'other';
  readonly schema: string | null;
  readonly name: string;
  /** The table that an index, trigger, policy, column or constraint belongs to. */
  readonly table?: { readonly schema: string | null; readonly name: string };
}

/** A lock that a statement takes on a table, and what the table lives through meanwhile. */
export interface LockTaken {
  readonly object: ObjectName;
  /** Postgres lock mode (`ACCESS EXCLUSIVE`, `SHARE`, ...) or, for MySQL, `EXCLUSIVE`, `SHARED`, `NONE` as in its LOCK clause. */
  readonly mode: string;
  /** What the statement does under it: metadata only, a full scan, a rewrite of the table, an index build. */
  readonly work: 'metadata' | 'scan' | 'rewrite' | 'index build' | 'copy' | 'rows';
}

/** One thing a statement does to the schema as an older build sees it. */
export interface SchemaEffect {
  readonly effect: 'adds' | 'removes' | 'tightens' | 'relaxes' | 'renames' | 'retypes' | 'neutral';
  readonly object: ObjectName;
  /** For `adds`: whether inserts of builds that do not know it fail (NOT NULL without default). */
  readonly breaksOldWriters?: boolean;
}

/** Everything the rest of the project asks of a statement; computed once, from its tokens. */
export interface Classification {
  /**
   * Transaction control standing in the file. `begin`, `commit` and `commit-chain` the runner carries out itself and never sends;
   * `rollback` and `prepare` are refused; `savepoint` (SAVEPOINT, RELEASE, ROLLBACK TO) is sent like any other statement.
   */
  readonly control:
    'begin' | 'commit' | 'commit-chain' | 'rollback' | 'savepoint' | 'prepare' | null;
  /** Whether it may run inside a transaction block. On MySQL: whether it takes part in one (DML, SET), i.e. does not commit implicitly. */
  readonly transactional: boolean;
  /** DDL, DML, a session setting, a call of stored code (undecidable after a crash), or other. */
  readonly category: 'ddl' | 'dml' | 'query' | 'setting' | 'call' | 'control' | 'other';
  /** Objects whose definition decides, before and after, whether this DDL took effect. Empty = cannot be named. */
  readonly touches: readonly ObjectName[];
  readonly effects: readonly SchemaEffect[];
  readonly locks: readonly LockTaken[];
  /** CREATE INDEX CONCURRENTLY, REINDEX CONCURRENTLY, ...: what to look at in pg_index afterwards. */
  readonly concurrent: {
    readonly verb: 'create index' | 'drop index' | 'reindex' | 'detach partition';
    readonly index: ObjectName | null;
    readonly table: ObjectName | null;
  } | null;
  /** The value of ALTER TYPE ... ADD VALUE. */
  readonly enumValue: string | null;
  /**
   * Running it a second time gives the same end state whether or not the first time took effect, so that a statement in
   * doubt may simply be sent again: VACUUM, REINDEX, ANALYZE, REFRESH, GRANT, SET, `IF [NOT] EXISTS`, `OR REPLACE`.
   */
  readonly repeatable: boolean;
  /** CREATE TEMPORARY TABLE and the like: a resume may not skip it. */
  readonly temporary: boolean;
  /** Why this statement may not stand in a migration; null = it may. */
  readonly refusal: { readonly reason: string; readonly remedy: string } | null;
  /** The form with the same end state that does not block writers, such as `CREATE INDEX CONCURRENTLY`; null = none, or this is it. */
  readonly onlineForm: string | null;
}

/** A statement together with what it is. */
export interface ClassifiedStatement extends Statement {
  readonly is: Classification;
}
