import type { ObjectName } from '../statement.js';

/** A stretch of a statement's text, by offsets of its first character and behind its last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Why a new column cannot be added without a value for each row. */
export type RowValue =
  | 'volatile default'
  | 'identity'
  | 'serial'
  | 'stored generated'
  | 'auto increment'
  | 'expression default';

/** Constraints by what they demand. */
export type ConstraintType =
  'check' | 'foreign key' | 'unique' | 'primary key' | 'exclude' | 'not null';

/** `ADD COLUMN`. */
export interface AddColumn {
  readonly kind: 'add column';
  readonly column: string;
  /** The type's words, such as `varchar(20)`; as written. */
  readonly type: string;
  /** Where `NOT NULL` stands; null = nullable, or by PRIMARY KEY alone. */
  readonly notNull: Span | null;
  /** Whether rows that are there, and writers that leave it out, get a value. */
  readonly filled: boolean;
  /** Identity, or an expression over the row. */
  readonly generated: boolean;
  readonly rowValue: RowValue | null;
  /** What stands behind DEFAULT, as written; null = no default. */
  readonly default: string | null;
  /** Constraints in the column's own definition. */
  readonly inline: readonly ('unique' | 'primary key' | 'check' | 'references')[];
}

/** `ADD [CONSTRAINT name] ...`. */
export interface AddConstraint {
  readonly kind: 'add constraint';
  /** null = the server names it. */
  readonly constraint: string | null;
  readonly type: ConstraintType;
  /** NOT VALID, NOT ENFORCED: rows that are there are not looked at. */
  readonly notValid: boolean;
  readonly usingIndex: boolean;
  /** From the word that says what it is to its end. */
  readonly definition: Span;
}

/** One action of an ALTER TABLE. Names as the server stores them. */
export type TableChange = { readonly span: Span } & (
  | AddColumn
  | AddConstraint
  | { readonly kind: 'drop column'; readonly column: string; readonly cascade: boolean }
  | { readonly kind: 'rename column'; readonly column: string; readonly to: string }
  | { readonly kind: 'rename table'; readonly to: string }
  | {
      readonly kind: 'set not null' | 'drop not null' | 'set default' | 'drop default';
      readonly column: string;
    }
  /** ALTER COLUMN TYPE; MySQL's MODIFY and CHANGE, which state the whole definition. */
  | {
      readonly kind: 'change type';
      readonly column: string;
      /** The new type's words, as written. */
      readonly type: string;
      /** MySQL: whether the definition says NOT NULL. */
      readonly notNull: boolean;
      /** Another name than before: MySQL's CHANGE. */
      readonly to: string | null;
    }
  | {
      readonly kind: 'add index';
      readonly unique: boolean;
      /** FULLTEXT, SPATIAL, VECTOR. */
      readonly special: boolean;
    }
  | {
      readonly kind: 'drop constraint';
      readonly type: 'any' | 'primary key' | 'foreign key' | 'check' | 'index';
      readonly cascade: boolean;
    }
  | { readonly kind: 'validate constraint'; readonly constraint: string }
  | { readonly kind: 'detach partition'; readonly concurrently: boolean }
  | { readonly kind: 'attach partition' }
  /** MySQL's ALGORITHM and LOCK clauses. */
  | { readonly kind: 'algorithm' | 'lock'; readonly value: string }
  | { readonly kind: 'other'; readonly words: string }
);

/** An ALTER TABLE statement in its parts. */
export interface AlterTable {
  readonly table: ObjectName;
  /** MariaDB's words beside the name, which change what the statement does to rows or waiters: `ONLINE`, `OFFLINE`, `IGNORE`, `WAIT`, `NOWAIT`. */
  readonly modifiers: readonly string[];
  /** `ALTER TABLE ... name`, as written: what every action of it begins with. */
  readonly head: Span;
  readonly changes: readonly TableChange[];
  /** Offset behind the last token of code: comments may follow. */
  readonly end: number;
}
