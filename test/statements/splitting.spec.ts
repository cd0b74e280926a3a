import { readStatements } from '../../src/statements/read-statements.js';
import type { Dialect, SqlMode } from '../../src/statements/statement.js';

const MARKER = '--> statement-breakpoint';

interface Case {
  readonly rule: string;
  readonly dialect: Dialect;
  readonly mode?: SqlMode;
  readonly text: string;
  readonly statements: readonly string[];
}

const pg = (rule: string, text: string, ...statements: string[]): Case => ({
  rule,
  dialect: 'postgresql',
  text,
  statements,
});
const my = (rule: string, text: string, ...statements: string[]): Case => ({
  rule,
  dialect: 'mysql',
  text,
  statements,
});
const mode = (of: SqlMode, row: Case): Case => ({ ...row, mode: of });

const CASES: readonly Case[] = [
  // Boundaries
  pg('a semicolon ends a statement', 'select 1; select 2;', 'select 1', 'select 2'),
  pg('the end of the file ends a statement', 'select 1', 'select 1'),
  pg('a marker ends a statement', `select 1${MARKER}select 2`, 'select 1', 'select 2'),
  pg(
    'semicolon and marker are one end',
    `select 1;${MARKER}\nselect 2;\n${MARKER}\n`,
    'select 1',
    'select 2',
  ),
  pg(
    'a marker in a line comment ends a statement, and SQL goes on behind it',
    `select 1 -- a ${MARKER} select 2`,
    'select 1 -- a',
    'select 2',
  ),
  pg(
    'a marker that lacks a letter is a comment',
    'select 1 --> statement-breakpoin\n+ 1',
    'select 1 --> statement-breakpoin\n+ 1',
  ),
  pg(
    'statements without code are dropped',
    `;;\n-- only a comment\n;/* and one more */${MARKER}\n ${MARKER}`,
  ),
  pg(
    'leading comments stay with the statement',
    '-- first\nselect 1;\n/* second */ select 2',
    '-- first\nselect 1',
    '/* second */ select 2',
  ),
  pg('comments of a dropped statement go with it', '-- gone\n;\nselect 1', 'select 1'),
  pg(
    'CRLF is white space and is kept inside',
    'select\r\n1;\r\nselect 2\r\n',
    'select\r\n1',
    'select 2',
  ),
  pg('a BOM is stripped', '\uFEFFselect 1', 'select 1'),
  pg(
    'a semicolon in parentheses ends nothing',
    'create rule r as on insert to t do also (insert into a values (1); insert into b values (2)); select 1',
    'create rule r as on insert to t do also (insert into a values (1); insert into b values (2))',
    'select 1',
  ),
  pg(
    'a marker ends a statement even in parentheses',
    `select (1; ${MARKER} select 2`,
    'select (1;',
    'select 2',
  ),
  // Postgres quoting
  pg(
    'a doubled quote stays in the string',
    "select 'a'';b'; select 2",
    "select 'a'';b'",
    'select 2',
  ),
  pg(
    'a backslash is an ordinary character',
    String.raw`select 'a\'; select 2`,
    String.raw`select 'a\'`,
    'select 2',
  ),
  pg(
    'a backslash escapes in E strings',
    String.raw`select E'a\';b'; select 2`,
    String.raw`select E'a\';b'`,
    'select 2',
  ),
  pg(
    'an E string goes on after a newline',
    `select E'a'\n'b\\';'; select 2`,
    `select E'a'\n'b\\';'`,
    'select 2',
  ),
  pg(
    'the e of a word opens no E string',
    String.raw`select type'a\'; select 2`,
    String.raw`select type'a\'`,
    'select 2',
  ),
  pg(
    'a marker in a string is text',
    `select '${MARKER}'; select 2`,
    `select '${MARKER}'`,
    'select 2',
  ),
  pg('double quotes hold a name', `select ";""'"; select 2`, `select ";""'"`, 'select 2'),
  pg(
    'a Unicode name is one token',
    `select U&"\\0061;"; select 2`,
    `select U&"\\0061;"`,
    'select 2',
  ),
  pg(
    'a dollar quote without tag',
    'do $$ begin; end; $$; select 2',
    'do $$ begin; end; $$',
    'select 2',
  ),
  pg(
    'a dollar quote closes at its own tag',
    `do $a$ $b$ ; $$ ' -- $b$ $a$; select 2`,
    `do $a$ $b$ ; $$ ' -- $b$ $a$`,
    'select 2',
  ),
  pg(
    'a tag may hold any letter',
    'select $tägé$;$tägé$; select 2',
    'select $tägé$;$tägé$',
    'select 2',
  ),
  pg(
    'a dollar in a word quotes nothing',
    'select a$b$c; select d$b$e',
    'select a$b$c',
    'select d$b$e',
  ),
  pg('a parameter quotes nothing', 'select $1; select $1', 'select $1', 'select $1'),
  pg(
    'block comments nest',
    '/* a; /* b; */ c; */ select 1; select 2',
    '/* a; /* b; */ c; */ select 1',
    'select 2',
  ),
  pg(
    'a marker in a block comment is text (drizzle-kit pull)',
    `/*\nCREATE TABLE a ();\n${MARKER}\nCREATE TABLE b ();\n*/`,
  ),
  pg(
    'an operator does not swallow a comment',
    `select 1 +-- ;'\n 2; select 2`,
    `select 1 +-- ;'\n 2`,
    'select 2',
  ),
  pg('a line comment needs no space', `select 5--1;\n; select 2`, 'select 5--1;', 'select 2'),
  // Routine bodies, Postgres
  pg(
    'BEGIN ATOMIC',
    'create function f() returns int begin atomic select 1; select case when true then 2 end; end; select 2',
    'create function f() returns int begin atomic select 1; select case when true then 2 end; end',
    'select 2',
  ),
  pg(
    'OR REPLACE PROCEDURE',
    'CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO a VALUES (1); END; select 2',
    'CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO a VALUES (1); END',
    'select 2',
  ),
  pg(
    'BEGIN and END outside a routine are statements',
    'BEGIN; select 1; END; select 2',
    'BEGIN',
    'select 1',
    'END',
    'select 2',
  ),
  pg(
    'COMMIT between statements',
    'select 1; COMMIT; CREATE INDEX CONCURRENTLY i ON t (a)',
    'select 1',
    'COMMIT',
    'CREATE INDEX CONCURRENTLY i ON t (a)',
  ),
  pg(
    'a body that never closes reaches to the end of the chunk',
    `create function f() begin atomic select 1; select 2; ${MARKER} select 3`,
    'create function f() begin atomic select 1; select 2;',
    'select 3',
  ),
  pg(
    'a table called begin is no body',
    'create table begin (id int); select 2',
    'create table begin (id int)',
    'select 2',
  ),
  // MySQL quoting
  my(
    'a backslash escapes in strings',
    String.raw`select 'a\';b', "c\";d"; select 2`,
    String.raw`select 'a\';b', "c\";d"`,
    'select 2',
  ),
  mode(
    { noBackslashEscapes: true },
    my(
      'NO_BACKSLASH_ESCAPES',
      String.raw`select 'a\'; select "b\"; select 2`,
      String.raw`select 'a\'`,
      String.raw`select "b\"`,
      'select 2',
    ),
  ),
  mode(
    { ansiQuotes: true },
    my(
      'ANSI_QUOTES: a backslash in a name is a character',
      String.raw`select "a\"; select 2`,
      String.raw`select "a\"`,
      'select 2',
    ),
  ),
  mode(
    { ansiQuotes: true, noBackslashEscapes: true },
    my(
      'both modes',
      String.raw`select 'a\', "b\"; select 2`,
      String.raw`select 'a\', "b\"`,
      'select 2',
    ),
  ),
  my('backticks hold a name', "select `;``'`; select 2", "select `;``'`", 'select 2'),
  my('dollars quote nothing', 'select a$$b; select c$$d', 'select a$$b', 'select c$$d'),
  my('two dashes need a space', 'select 5--1; select 2', 'select 5--1', 'select 2'),
  my(
    'two dashes and a space are a comment',
    `select 5-- 1;'\n; select 2`,
    `select 5-- 1;'`,
    'select 2',
  ),
  my(
    'two dashes at the end of a line are a comment',
    `select 5--\n; select 2`,
    'select 5--',
    'select 2',
  ),
  my('a hash is a comment', `select 1 # it's; \n; select 2`, `select 1 # it's;`, 'select 2'),
  my(
    'a marker is no comment, with or without a space before it',
    `select 1${MARKER}\nselect 2 ${MARKER}select 3`,
    'select 1',
    'select 2',
    'select 3',
  ),
  my(
    'a marker in a hash comment ends a statement',
    `select 1 # x ${MARKER}\nselect 2`,
    'select 1 # x',
    'select 2',
  ),
  my(
    'block comments do not nest',
    '/* a /* b; */ select 1; select 2',
    '/* a /* b; */ select 1',
    'select 2',
  ),
  my(
    'a version comment is code, and a semicolon in it ends nothing',
    "/*!50000 set @a = '*/'; */; select 2",
    "/*!50000 set @a = '*/'; */",
    'select 2',
  ),
  my(
    'a MariaDB version comment is code',
    '/*M!100100 select 1 */; select 2',
    '/*M!100100 select 1 */',
    'select 2',
  ),
  my(
    'a hint stays',
    "select /*+ NO_INDEX(t); ' */ 1; select 2",
    "select /*+ NO_INDEX(t); ' */ 1",
    'select 2',
  ),
  my('an empty last chunk is dropped', `select 1;\n${MARKER}\n`, 'select 1'),
  // Routine bodies, MySQL
  my(
    'a trigger body',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; SET NEW.y = 2; END; select 2',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; SET NEW.y = 2; END',
    'select 2',
  ),
  my(
    'IF, LOOP, WHILE, REPEAT, CASE inside a body',
    'CREATE PROCEDURE p() BEGIN IF a THEN SET @x = 1; END IF; l: LOOP LEAVE l; END LOOP l; WHILE a DO SET @x = 2; END WHILE; REPEAT SET @x = 3; UNTIL a END REPEAT; CASE a WHEN 1 THEN SET @x = CASE WHEN b THEN 1 ELSE 2 END; END CASE; BEGIN SET @y = 1; END; END; select 2',
    'CREATE PROCEDURE p() BEGIN IF a THEN SET @x = 1; END IF; l: LOOP LEAVE l; END LOOP l; WHILE a DO SET @x = 2; END WHILE; REPEAT SET @x = 3; UNTIL a END REPEAT; CASE a WHEN 1 THEN SET @x = CASE WHEN b THEN 1 ELSE 2 END; END CASE; BEGIN SET @y = 1; END; END',
    'select 2',
  ),
  my(
    'a definer',
    'CREATE DEFINER=`root`@`localhost` FUNCTION f() RETURNS INT BEGIN RETURN 1; END; select 2',
    'CREATE DEFINER=`root`@`localhost` FUNCTION f() RETURNS INT BEGIN RETURN 1; END',
    'select 2',
  ),
  my(
    'a version comment around the header',
    '/*!50003 CREATE*/ /*!50020 DEFINER=root@localhost*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END */; select 2',
    '/*!50003 CREATE*/ /*!50020 DEFINER=root@localhost*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END */',
    'select 2',
  ),
  my(
    'an event',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; END; select 2',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; END',
    'select 2',
  ),
  my(
    'a function without BEGIN',
    'CREATE FUNCTION f() RETURNS INT RETURN CASE WHEN 1 THEN 2 END; select 2',
    'CREATE FUNCTION f() RETURNS INT RETURN CASE WHEN 1 THEN 2 END',
    'select 2',
  ),
  my(
    'a trigger that is one IF',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.x THEN IF NEW.y THEN SET NEW.y = 1; END IF; SET NEW.x = 2; END IF; select 2',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.x THEN IF NEW.y THEN SET NEW.y = 1; END IF; SET NEW.x = 2; END IF',
    'select 2',
  ),
  my(
    'a column called end',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.end = 1; SET NEW.begin = 2; END; select 2',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.end = 1; SET NEW.begin = 2; END',
    'select 2',
  ),
  my(
    'a view has no body',
    'CREATE DEFINER=root@localhost SQL SECURITY INVOKER VIEW v AS SELECT 1 AS begin; select 2',
    'CREATE DEFINER=root@localhost SQL SECURITY INVOKER VIEW v AS SELECT 1 AS begin',
    'select 2',
  ),
  my(
    'MariaDB: BEGIN NOT ATOMIC',
    'BEGIN NOT ATOMIC SET @a = 1; SET @b = 2; END; select 2',
    'BEGIN NOT ATOMIC SET @a = 1; SET @b = 2; END',
    'select 2',
  ),
  my(
    'BEGIN outside a routine is a statement',
    'BEGIN; select 1; COMMIT',
    'BEGIN',
    'select 1',
    'COMMIT',
  ),
];

describe('splitting', () => {
  test.each(CASES)('$dialect: $rule', ({ text, dialect, mode: sqlMode, statements }) => {
    const found = readStatements(text, dialect, { mode: sqlMode }).statements;
    expect(found.map(({ sql }) => sql)).toEqual(statements);
    expect(found.map(({ index }) => index)).toEqual(statements.map((_, index) => index));
  });
});
