/** A migration that stock `migrate()` fails on and that must run all the same. */
export interface BeyondStock {
  /** What is special about it, as a sentence about the file. */
  readonly name: string;
  readonly dialect: 'postgresql' | 'mysql';
  /** The file, after a first migration that creates `t`. */
  readonly sql: string;
  /** The statements that it comes to, each to be sent by itself outside a transaction. */
  readonly plain: readonly string[];
}

const MARKER = '--> statement-breakpoint';
const BOM = '\uFEFF';

/** The migration before each of them. */
export const FIRST_MIGRATION =
  'CREATE TABLE t (id integer PRIMARY KEY, name varchar(200), note varchar(200))';

/** What `drizzle-kit pull` of 0.31 writes as its first migration: everything in one block comment. */
const PULLED = `-- Current sql file was generated after introspecting the database
-- If you want to run this migration please uncomment this code before executing migrations
/*
CREATE TABLE "a" (
	"id" integer
);
${MARKER}
CREATE TABLE "b" (
	"id" integer
);
*/`;

export const beyondStock: readonly BeyondStock[] = [
  {
    name: 'begins with a byte order mark',
    dialect: 'postgresql',
    sql: `${BOM}ALTER TABLE t ADD COLUMN a integer;`,
    plain: ['ALTER TABLE t ADD COLUMN a integer'],
  },
  {
    name: 'adds an enum value and uses it',
    dialect: 'postgresql',
    sql: `CREATE TYPE mood AS ENUM ('sad');\n${MARKER}\nALTER TABLE t ADD COLUMN mood mood;\nCOMMIT;\nALTER TYPE mood ADD VALUE 'happy';\nUPDATE t SET mood = 'happy';\nALTER TABLE t ALTER COLUMN mood SET DEFAULT 'happy';`,
    plain: [
      "CREATE TYPE mood AS ENUM ('sad')",
      'ALTER TABLE t ADD COLUMN mood mood',
      "ALTER TYPE mood ADD VALUE 'happy'",
      "UPDATE t SET mood = 'happy'",
      "ALTER TABLE t ALTER COLUMN mood SET DEFAULT 'happy'",
    ],
  },
  {
    name: 'has CREATE INDEX CONCURRENTLY between plain statements',
    dialect: 'postgresql',
    sql: `ALTER TABLE t ADD COLUMN a integer;${MARKER}\nCREATE INDEX CONCURRENTLY t_a_idx ON t (a);${MARKER}\nALTER TABLE t ADD COLUMN b integer;`,
    plain: [
      'ALTER TABLE t ADD COLUMN a integer',
      'CREATE INDEX t_a_idx ON t (a)',
      'ALTER TABLE t ADD COLUMN b integer',
    ],
  },
  {
    name: 'has COMMIT, CREATE INDEX CONCURRENTLY and BEGIN in one chunk',
    dialect: 'postgresql',
    sql: 'ALTER TABLE t ADD COLUMN a integer;\nCOMMIT;\nSET lock_timeout = 0;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS t_a_idx ON t (a);\nBEGIN;\nALTER TABLE t ADD COLUMN b integer;\nINSERT INTO t (id, b) VALUES (1, 2);\nCOMMIT;\nVACUUM t;',
    plain: [
      'ALTER TABLE t ADD COLUMN a integer',
      'CREATE INDEX t_a_idx ON t (a)',
      'ALTER TABLE t ADD COLUMN b integer',
      'INSERT INTO t (id, b) VALUES (1, 2)',
    ],
  },
  {
    name: 'has the marker inside a string, a dollar quote, an identifier and a block comment',
    dialect: 'postgresql',
    sql: `INSERT INTO t (id, name) VALUES (1, 'a ${MARKER} b');\n${MARKER}\n/* not here: ${MARKER} */\nINSERT INTO t (id, name) VALUES (2, $x$${MARKER}; $x$);\nALTER TABLE t ADD COLUMN "${MARKER}" integer;`,
    plain: [
      `INSERT INTO t (id, name) VALUES (1, 'a ${MARKER} b'), (2, '${MARKER}; ')`,
      `ALTER TABLE t ADD COLUMN "${MARKER}" integer`,
    ],
  },
  {
    name: 'is what drizzle-kit pull writes first: one block comment with markers',
    dialect: 'postgresql',
    sql: PULLED,
    plain: [],
  },
  {
    name: 'begins with a byte order mark',
    dialect: 'mysql',
    sql: `${BOM}ALTER TABLE t ADD COLUMN a integer;`,
    plain: ['ALTER TABLE t ADD COLUMN a integer'],
  },
  {
    name: 'has several statements in one chunk',
    dialect: 'mysql',
    sql: "ALTER TABLE t ADD COLUMN a integer;\nINSERT INTO t (id, name) VALUES (1, 'semi; colon');\n-- a comment; in between\nCREATE TRIGGER t_bi BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.name = TRIM(NEW.name); SET NEW.note = ';'; END;\nINSERT INTO t (id, name) VALUES (2, ' two ');",
    plain: [
      'ALTER TABLE t ADD COLUMN a integer',
      "INSERT INTO t (id, name) VALUES (1, 'semi; colon')",
      "CREATE TRIGGER t_bi BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.name = TRIM(NEW.name); SET NEW.note = ';'; END",
      "INSERT INTO t (id, name) VALUES (2, ' two ')",
    ],
  },
  {
    name: 'ends in a marker, and has empty statements',
    dialect: 'mysql',
    sql: `;;ALTER TABLE t ADD COLUMN a integer;${MARKER}\n${MARKER}\n-- nothing but a comment\n${MARKER}\nCREATE INDEX t_a_idx ON t (a);${MARKER}\n`,
    plain: ['ALTER TABLE t ADD COLUMN a integer', 'CREATE INDEX t_a_idx ON t (a)'],
  },
  {
    name: 'has the marker inside a string, an identifier and a block comment',
    dialect: 'mysql',
    sql: `INSERT INTO t (id, name) VALUES (1, 'a ${MARKER} b');\n${MARKER}\n/* not here: ${MARKER} */\nINSERT INTO t (id, name) VALUES (2, "${MARKER}; \\" ");${MARKER}\nALTER TABLE t ADD COLUMN \`${MARKER}\` integer;`,
    plain: [
      `INSERT INTO t (id, name) VALUES (1, 'a ${MARKER} b'), (2, '${MARKER}; " ')`,
      `ALTER TABLE t ADD COLUMN \`${MARKER}\` integer`,
    ],
  },
  {
    name: 'is what drizzle-kit pull writes first: one block comment with markers',
    dialect: 'mysql',
    sql: PULLED,
    plain: [],
  },
];
