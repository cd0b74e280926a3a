import type { TableName } from './operation.js';

/** A column as the catalogue has it. */
export interface ColumnFacts {
  readonly name: string;
  /** The type as DDL would write it, such as `character varying(20)` or `varchar(20)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** The default as DDL would write it; null = none. */
  readonly default: string | null;
  /** Whether the default gives each row a value of its own (now(), gen_random_uuid(), nextval()). */
  readonly volatileDefault: boolean;
  readonly generated: 'stored' | 'virtual' | null;
  /** Identity or AUTO_INCREMENT. */
  readonly identity: boolean;
  /** Qualified name of a collation that is not the type's own; null = the type's own, or none. */
  readonly collation: string | null;
  /** MySQL: the collation in full, also where it is the table's own; null = none. Postgres: always null. */
  readonly fullCollation: string | null;
  /** Whether `=` calls values equal whose bytes differ: citext, nondeterministic collations, `_ci` collations. */
  readonly looseEquality: boolean;
  readonly comment: string | null;
  /** MySQL: the clause after ON UPDATE; null = none. */
  readonly onUpdate: string | null;
  /** MySQL: everything behind the column's name, for a MODIFY that changes one thing and keeps the rest; null on Postgres. */
  readonly definition: string | null;
}

export interface IndexFacts {
  readonly name: string;
  /** Plain columns in order; null where an expression stands. */
  readonly columns: readonly (string | null)[];
  readonly unique: boolean;
  readonly primary: boolean;
  /** Postgres: false for what a failed CREATE INDEX CONCURRENTLY left. */
  readonly valid: boolean;
  /** Partial, or over expressions: cannot serve as a key. */
  readonly partial: boolean;
  /** The constraint that it backs; null = none. */
  readonly constraint: string | null;
}

export interface CheckFacts {
  readonly name: string;
  readonly columns: readonly string[];
  /** As the server prints it. */
  readonly expression: string;
  /** Postgres: false for NOT VALID. MySQL: false for NOT ENFORCED. */
  readonly validated: boolean;
}

export interface ForeignKeyFacts {
  readonly name: string;
  /** `out`: this table refers to another; `in`: another refers to this one. */
  readonly direction: 'out' | 'in';
  readonly columns: readonly string[];
  readonly other: { readonly table: TableName; readonly columns: readonly string[] };
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly validated: boolean;
}

export interface TriggerFacts {
  readonly name: string;
  readonly timing: 'before' | 'after' | 'instead of';
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  readonly perRow: boolean;
  readonly enabled: boolean;
  /** Postgres: qualified name of its function. */
  readonly function: string | null;
  /** SHA-256 of its body, to know ours again. */
  readonly bodyDigest: string;
  /** MySQL: columns of the table that its body names. Postgres: columns of its UPDATE OF list and its WHEN. */
  readonly columns?: readonly string[];
}

/** Something else that names a column of this table. */
export interface DependentFacts {
  readonly kind:
    | 'view'
    | 'materialized view'
    | 'rule'
    | 'policy'
    | 'publication'
    | 'generated column'
    | 'statistics'
    | 'function';
  /** Qualified. */
  readonly name: string;
  readonly columns: readonly string[];
  /** False where only its text mentions the name (bodies of functions): a warning, no refusal. */
  readonly certain: boolean;
}

/** What MySQL and MariaDB have on top: settings of the session that read the facts, and traces of other tools. */
export interface MysqlFacts {
  /** Whether sql_mode is strict, so that a value that does not fit is an error rather than something else in its place. */
  readonly strict: boolean;
  /** null = no binary log. */
  readonly binlogFormat: 'ROW' | 'MIXED' | 'STATEMENT' | null;
  /** Tables that gh-ost, spirit or pt-online-schema-change work with on this table. */
  readonly shadowTables: readonly string[];
  /** What a column without a COLLATE of its own gets. */
  readonly tableCollation: string | null;
  /** Indexes but the primary key, as SHOW CREATE TABLE prints them. */
  readonly indexes: readonly MysqlIndex[];
}

/** An index for building another like it. */
export interface MysqlIndex {
  readonly name: string;
  /** Such as `UNIQUE KEY`. */
  readonly kind: string;
  /** Everything behind the name: columns, type, comment. */
  readonly definition: string;
}

/** What Postgres has on top. */
export interface PostgresFacts {
  /** Qualified and quoted, as the session would have to write it. */
  readonly parent: string | null;
  /** Tables that inherit from it without being partitions: they get its columns and not its triggers. */
  readonly heirs: readonly string[];
  /** Whether the session skips triggers: `session_replication_role = replica`. */
  readonly replicaRole: boolean;
  /** Row-level security that applies to this login: rows may be hidden from it. */
  readonly rowsHidden: boolean;
  /** Publications that send the whole of it, so that subscribers need a new column first. */
  readonly publishedWhole: readonly string[];
  /** Indexes, with all columns they name in keys, INCLUDE, expressions and predicate. */
  readonly indexes: readonly PostgresDefinition[];
  /** Constraints but NOT NULL, with the columns they are over. */
  readonly constraints: readonly PostgresDefinition[];
  /** Columns with privileges of their own. */
  readonly grantedColumns: readonly string[];
  /** Sequences that go when their column goes. */
  readonly sequences: readonly { readonly column: string; readonly name: string }[];
}

/** A definition as the server prints it. */
export interface PostgresDefinition {
  readonly name: string;
  readonly columns: readonly string[];
  /** As `pg_get_indexdef` and `pg_get_constraintdef` print it. */
  readonly definition: string;
  readonly deferrable: boolean;
}

/** What a recipe, a precondition and a postcondition ask of a table. Read in one moment, decided on without the database. */
export interface TableFacts {
  readonly dialect: 'postgresql' | 'mysql';
  readonly flavour: 'postgresql' | 'pglite' | 'mysql' | 'mariadb';
  readonly versionNumber: number;
  readonly table: TableName;
  readonly kind: 'table' | 'partitioned' | 'view' | 'foreign table' | 'missing';
  /** The server's estimate; null = unknown. */
  readonly estimatedRows: number | null;
  /** Bytes with indexes; null = unknown. */
  readonly bytes: number | null;
  readonly columns: readonly ColumnFacts[];
  readonly indexes: readonly IndexFacts[];
  readonly checks: readonly CheckFacts[];
  readonly foreignKeys: readonly ForeignKeyFacts[];
  readonly triggers: readonly TriggerFacts[];
  readonly dependents: readonly DependentFacts[];
  /** Functions of ours (by name) that exist in the table's schema; Postgres only. */
  readonly functions: readonly string[];
  /** Postgres: whether the table receives rows by logical replication, which skips triggers. */
  readonly subscriber: boolean;
  /** Rights that this login lacks for what operations do, as GRANT would name them. */
  readonly missingPrivileges: readonly string[];
  /** MySQL: instant row versions used and allowed; null elsewhere. */
  readonly rowVersions: { readonly used: number; readonly limit: number } | null;
  /** MySQL: storage engine; null on Postgres. */
  readonly engine: string | null;
  /** null or absent on Postgres, and where the table is missing. */
  readonly mysql?: MysqlFacts | null;
  /** null or absent on MySQL, and where the table is missing. */
  readonly postgres?: PostgresFacts | null;
}
