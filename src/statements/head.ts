import type { Token } from './tokenize.js';

const KINDS = [
  'TABLE VIEW INDEX TYPE SCHEMA SEQUENCE FUNCTION PROCEDURE TRIGGER EVENT POLICY EXTENSION DATABASE ROLE USER GROUP',
  'COLUMN CONSTRAINT RULE DOMAIN PUBLICATION SUBSCRIPTION SERVER STATISTICS AGGREGATE CAST COLLATION CONVERSION',
  'LANGUAGE OPERATOR TABLESPACE TRANSFORM ROUTINE SYSTEM TABLES',
]
  .join(' ')
  .split(' ');

/** Words that may follow a verb in a head, before and at the kind of object. None of them is a name there. */
const DDL = new Set([
  ...KINDS,
  ...'OR REPLACE GLOBAL LOCAL TEMP TEMPORARY UNLOGGED UNIQUE FULLTEXT SPATIAL RECURSIVE MATERIALIZED FOREIGN DATA WRAPPER'.split(
    ' ',
  ),
  ...'CONSTRAINT EVENT USER MAPPING TEXT SEARCH ACCESS METHOD DEFAULT PRIVILEGES LARGE OBJECT OWNED ONLINE OFFLINE TRUSTED'.split(
    ' ',
  ),
]);
const TWO_WORD_KINDS: Readonly<Record<string, readonly string[]>> = {
  EVENT: ['TRIGGER'],
  CONSTRAINT: ['TRIGGER'],
  USER: ['MAPPING'],
  OPERATOR: ['CLASS', 'FAMILY'],
};
const TRANSACTION = new Set(
  'WORK TRANSACTION AND NO CHAIN RELEASE TO SAVEPOINT PREPARED'.split(' '),
);
const KIND_SET = new Set(KINDS);

/** Which words may follow each verb. A verb that is not here gives an empty head: it may be a typing error next to a name. */
const VERBS: Readonly<Record<string, ReadonlySet<string>>> = {
  CREATE: DDL,
  ALTER: DDL,
  DROP: DDL,
  RENAME: new Set(['TABLE', 'TABLES', 'USER']),
  TRUNCATE: new Set(['TABLE']),
  COMMENT: new Set(['ON', ...DDL]),
  REFRESH: new Set(['MATERIALIZED', 'VIEW']),
  REINDEX: new Set(['INDEX', 'TABLE', 'SCHEMA', 'DATABASE', 'SYSTEM']),
  INSERT: new Set(['IGNORE', 'INTO', 'LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED']),
  REPLACE: new Set(['INTO']),
  DELETE: new Set(['FROM']),
  MERGE: new Set(['INTO']),
  BEGIN: TRANSACTION,
  START: new Set(['TRANSACTION', 'SLAVE', 'REPLICA']),
  COMMIT: TRANSACTION,
  END: TRANSACTION,
  ROLLBACK: TRANSACTION,
  ABORT: TRANSACTION,
  RELEASE: new Set(['SAVEPOINT']),
  PREPARE: new Set(['TRANSACTION']),
  DISCARD: new Set(['ALL', 'PLANS', 'SEQUENCES', 'TEMP', 'TEMPORARY']),
  SET: new Set(['LOCAL', 'SESSION', 'GLOBAL', 'PERSIST', 'ROLE', 'CONSTRAINTS', 'NAMES']),
  RESET: new Set(['ALL', 'ROLE']),
  LOCK: new Set(['TABLE', 'TABLES']),
  UNLOCK: new Set(['TABLES']),
  OPTIMIZE: new Set(['TABLE', 'TABLES']),
  REPAIR: new Set(['TABLE', 'TABLES']),
  CHECK: new Set(['TABLE', 'TABLES']),
  ANALYZE: new Set(['TABLE', 'TABLES']),
  VACUUM: new Set(['FULL', 'ANALYZE']),
  LOAD: new Set(['DATA', 'LOCAL']),
  IMPORT: new Set(['FOREIGN', 'SCHEMA', 'TABLE']),
  SECURITY: new Set(['LABEL']),
  REASSIGN: new Set(['OWNED']),
  ...Object.fromEntries(
    (
      'UPDATE SELECT WITH VALUES TABLE CALL DO EXECUTE DEALLOCATE COPY GRANT REVOKE EXPLAIN DESCRIBE SHOW SAVEPOINT ' +
      'USE CLUSTER ANALYSE NOTIFY LISTEN UNLISTEN DECLARE FETCH MOVE CLOSE CHECKPOINT FLUSH INSTALL UNINSTALL HANDLER ' +
      'KILL XA PURGE CHANGE STOP SIGNAL'
    )
      .split(' ')
      .map((verb) => [verb, new Set<string>()]),
  ),
};

/** Collects the first keywords of a statement from its code tokens. */
export class Head {
  private readonly words: string[] = [];
  private state: 'verb' | 'words' | 'after kind' | 'done' = 'verb';

  /** First keywords in upper case, such as `CREATE INDEX CONCURRENTLY`; empty for a verb we do not know. */
  get text(): string {
    return this.words.join(' ');
  }

  feed(token: Token): void {
    if (this.state === 'done' || token.kind === 'code bracket') return;
    if (token.kind !== 'word') {
      this.state = 'done';
      return;
    }
    const word = token.text.toUpperCase();
    const verb = this.words[0];
    if (verb === undefined) {
      if (Object.hasOwn(VERBS, word)) {
        this.words.push(word);
        this.state = 'words';
      } else this.state = 'done';
      return;
    }
    if (this.state === 'after kind') {
      // What may follow the kind without being the object's name.
      const last = this.words.at(-1) ?? '';
      const second = TWO_WORD_KINDS[last]?.includes(word) ?? false;
      if (second || word === 'CONCURRENTLY') this.words.push(word);
      this.state = second ? 'after kind' : 'done';
      return;
    }
    if (!(VERBS[verb]?.has(word) ?? false)) {
      this.state = 'done';
      return;
    }
    this.words.push(word);
    if (KIND_SET.has(word) && VERBS[verb] !== TRANSACTION) this.state = 'after kind';
  }
}
