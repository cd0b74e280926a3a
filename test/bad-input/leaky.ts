import { sql } from 'drizzle-orm';
import type { ErrorCode } from '../../src/errors.js';
import type { CodeMigration } from '../../src/index.js';

/** Stands for every secret: in passwords, literals, row values and parameters; never an identifier or a file's name. */
export const CANARY = 'cAnArY7f3A';

/** A migration that fails in a way that makes server or driver repeat its values. */
export interface Leaky {
  /** As the end of "a migration whose". */
  readonly name: string;
  readonly dialect: 'postgresql' | 'mysql' | 'both';
  readonly sql: string;
  readonly code: ErrorCode;
}

/** What each of them finds: a unique note, a check, a constraint that is looked at on commit. */
export function setup(dialect: 'postgresql' | 'mysql'): string {
  const deferred = dialect === 'postgresql' ? 'DEFERRABLE INITIALLY DEFERRED' : '';
  return `
    CREATE TABLE people (id int PRIMARY KEY CHECK (id > 0), note varchar(40) UNIQUE);
    CREATE TABLE pets (owner varchar(40) REFERENCES people (note) ${deferred});
    CREATE TABLE twins (note varchar(40));
    INSERT INTO people VALUES (1, '${CANARY}'), (2, '${CANARY}2')`;
}

const both = (name: string, text: string, code: ErrorCode = 'MIGRATION_FAILED'): Leaky => ({
  name,
  dialect: 'both',
  sql: text,
  code,
});
const postgres = (name: string, text: string): Leaky => ({
  name,
  dialect: 'postgresql',
  sql: text,
  code: 'MIGRATION_FAILED',
});
const mysql = (name: string, text: string, code: ErrorCode = 'MIGRATION_FAILED'): Leaky => ({
  name,
  dialect: 'mysql',
  sql: text,
  code,
});

export const leaky: readonly Leaky[] = [
  both(
    'literal is no syntax',
    `INSERT INTO people VALUES (3, '${CANARY}') '${CANARY}' '${CANARY}'`,
  ),
  both('row is there already', `INSERT INTO people VALUES (3, '${CANARY}')`),
  both('literal is no number', `INSERT INTO people (id) VALUES ('${CANARY}')`),
  both('value is too long', `INSERT INTO people VALUES (3, '${CANARY.repeat(8)}')`),
  both('row violates a check', `INSERT INTO people VALUES (-3, '${CANARY}3')`),
  both(
    'new check is violated by rows',
    `ALTER TABLE people ADD CONSTRAINT polite CHECK (note <> '${CANARY}')`,
  ),
  both('update makes rows equal', `UPDATE people SET note = '${CANARY}3'`),
  both(
    'second setting does not exist',
    `SELECT '${CANARY}';\nSET nonsense = '${CANARY}';\nSELECT '${CANARY}'`,
  ),
  both('text never ends', `SELECT '${CANARY}`, 'UNTERMINATED'),
  both('statement is refused', `ROLLBACK /* ${CANARY} */`, 'STATEMENT_REFUSED'),
  both('directive is unknown', `-- @password='${CANARY}'\nSELECT 1`, 'UNKNOWN_DIRECTIVE'),
  both('directive is malformed', `-- @lock-timeout ${CANARY}\nSELECT 1`, 'INVALID_DIRECTIVE'),
  both('code throws it', '-- @run throws', 'CODE_MIGRATION_FAILED'),
  both('code sends it as a parameter', '-- @run sends'),
  both('code sends it by Drizzle', '-- @run drizzles', 'CODE_MIGRATION_FAILED'),
  postgres(
    'column becomes a number',
    'ALTER TABLE people ALTER COLUMN note TYPE int USING note::int',
  ),
  postgres(
    'block raises it',
    `DO $$ BEGIN RAISE WARNING '${CANARY}'; RAISE EXCEPTION '${CANARY}' USING DETAIL = '${CANARY}', HINT = '${CANARY}'; END $$`,
  ),
  postgres('commit fails', `INSERT INTO pets VALUES ('${CANARY}nobody')`),
  postgres(
    'concurrent index meets rows',
    `INSERT INTO twins VALUES ('${CANARY}'), ('${CANARY}');\nCOMMIT;\nCREATE UNIQUE INDEX CONCURRENTLY twins_i ON twins (note)`,
  ),
  postgres('login gets a password', `ALTER USER nobody_here PASSWORD '${CANARY}'`),
  mysql('column becomes a number', 'ALTER TABLE people MODIFY COLUMN note int'),
  mysql(
    'routine signals it',
    `CREATE PROCEDURE loud() BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${CANARY}'; END;\nCALL loud()`,
  ),
  mysql(
    'login gets a password',
    `ALTER USER 'nobody_here'@'nowhere' IDENTIFIED BY '${CANARY}'`,
    'MIGRATION_NOT_PERMITTED',
  ),
];

/** Code that fails with the canary in its error, in its parameters, in what Drizzle makes of them. */
export const leakyCode: readonly CodeMigration[] = [
  {
    name: 'throws',
    up: () => Promise.reject(new Error(`could not use ${CANARY}`, { cause: { token: CANARY } })),
  },
  {
    name: 'sends',
    up: async (context) => {
      const [id, note] = context.dialect === 'mysql' ? ['?', '?'] : ['$1', '$2'];
      await context.query(`INSERT INTO people VALUES (${id}, ${note})`, [3, CANARY]);
    },
  },
  {
    name: 'drizzles',
    up: async (context) => {
      const db = await context.drizzle<{ execute(query: unknown): Promise<unknown> }>();
      await db.execute(sql`INSERT INTO people VALUES (${3}, ${CANARY})`);
    },
  },
];
