import { readStatements } from '../../src/statements/read-statements.js';
import type { Dialect } from '../../src/statements/statement.js';

const MARKER = '--> statement-breakpoint';

describe('positions of statements', () => {
  test('line, offset and end', () => {
    const text = `\uFEFF-- a\n\nselect 1;\r\n${MARKER}\n  /* b\n */ select $$\n\n$$${MARKER}\nselect 3`;
    const found = readStatements(text, 'postgresql').statements;
    expect(found.map(({ line, endedBy }) => [line, endedBy])).toEqual([
      [3, ';'],
      [6, 'marker'],
      [9, 'eof'],
    ]);
    expect(found.map(({ offset }) => text.slice(offset, offset + 6))).toEqual([
      'select',
      'select',
      'select',
    ]);
  });
});

describe('first keywords', () => {
  test.each<[string, string, Dialect?]>([
    [
      'create  unique index concurrently if not exists secret on t (a)',
      'CREATE UNIQUE INDEX CONCURRENTLY',
    ],
    ['CREATE TABLE trigger (a int)', 'CREATE TABLE'],
    ['CREATE TABLE "index" ()', 'CREATE TABLE'],
    ['ALTER TABLE secret ADD COLUMN a int', 'ALTER TABLE'],
    ['DROP MATERIALIZED VIEW secret', 'DROP MATERIALIZED VIEW'],
    ['CREATE OR REPLACE FUNCTION secret()', 'CREATE OR REPLACE FUNCTION'],
    ['INSERT INTO secret VALUES (1)', 'INSERT INTO'],
    ['-- hi\nUPDATE secret SET a = 1', 'UPDATE'],
    ['COMMIT AND CHAIN', 'COMMIT AND CHAIN'],
    ["SET secret = 'x'", 'SET'],
    ['CRATE TABLE secret', ''],
    ["'secret'", ''],
    [
      '/*!50003 CREATE*/ /*!50003 TRIGGER secret AFTER INSERT ON t FOR EACH ROW SET @a = 1*/',
      'CREATE TRIGGER',
      'mysql',
    ],
    ['CREATE DEFINER=secret TRIGGER t', 'CREATE', 'mysql'],
  ])('%s', (text, head, dialect = 'postgresql') => {
    expect(readStatements(text, dialect).statements[0]?.head).toBe(head);
  });
});

describe('line comments', () => {
  const found = (text: string, dialect: Dialect = 'postgresql'): unknown[] =>
    readStatements(text, dialect).comments.map(({ text: comment, line, statement }) => [
      comment,
      line,
      statement,
    ]);

  test('in code position, with the statement that follows', () => {
    expect(
      found(
        `-- @impact expand\nselect 1; -- behind\r\n${MARKER}\n;-- @run a\n--@run b\nselect -- inside\n 2;\n-- at the end`,
      ),
    ).toEqual([
      [' @impact expand', 1, 0],
      [' behind', 2, 1],
      [' @run a', 4, 1],
      ['@run b', 5, 1],
      [' inside', 6, 2],
      [' at the end', 8, 2],
    ]);
  });

  test('not in literals, names, dollar quotes and block comments', () => {
    expect(
      found(`select '\n-- @a\n', "\n-- @b\n", $x$\n-- @c\n$x$ /*\n-- @d\n/* */\n-- @e\n*/`),
    ).toEqual([]);
    expect(found("select '\\'\n-- @a\n', `\n-- @b\n` /*\n-- @c\n*/", 'mysql')).toEqual([]);
  });

  test('a marker ends a comment', () => {
    expect(found(`-- @a ${MARKER} -- @b`)).toEqual([
      [' @a ', 1, 0],
      [' @b', 1, 0],
    ]);
  });

  test('on MySQL a hash comment is none of them', () => {
    expect(found('# @a\n-- @b\n--@c\nselect 1', 'mysql')).toEqual([[' @b', 2, 0]]);
  });
});
