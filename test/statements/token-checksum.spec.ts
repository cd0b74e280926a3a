import { createHash } from 'node:crypto';
import { readStatements } from '../../src/statements/read-statements.js';
import type { Dialect } from '../../src/statements/statement.js';
import { tokenChecksum } from '../../src/statements/token-checksum.js';

const MARKER = '--> statement-breakpoint';

const POSTGRES = `-- @impact expand
CREATE TABLE "orders" ("id" serial PRIMARY KEY, "note" text DEFAULT E'it\\'s' NOT NULL);
${MARKER}
DO $body$ BEGIN /* kept */ PERFORM 1; END $body$;
CREATE INDEX CONCURRENTLY ON orders USING gin ((a->>'b')); -- behind
ALTER TABLE U&"\\0061" ADD COLUMN c numeric(10,2) DEFAULT -1.5e3::numeric;`;
const MYSQL = `# comment
CREATE TABLE \`orders\` (\`id\` serial, \`note\` varchar(20) DEFAULT "it's");
${MARKER}
CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW BEGIN SET NEW.a = 5--1; SET @x := 'a\\'b'; END;
/*!50003 SET @y = 1 */;
SELECT /*+ MAX_EXECUTION_TIME(1) */ @@session.sql_mode, 0x1F, 1.5;`;

/** The format as docs/formats.md states it: each token and a NUL, after each statement one more NUL. */
function frozen(...statements: readonly (readonly string[])[]): string {
  const bytes = statements
    .map((tokens) => `${tokens.map((token) => `${token}\0`).join('')}\0`)
    .join('');
  return createHash('sha256').update(bytes, 'utf8').digest('hex');
}

describe('token checksum', () => {
  test('the bytes of the format', () => {
    expect(tokenChecksum("select 'é',1 ; insert into a values($1)", 'postgresql')).toBe(
      frozen(['select', "'é'", ',', '1'], ['insert', 'into', 'a', 'values', '(', '$1', ')']),
    );
    expect(tokenChecksum("/*!50000 select*/ /*+ H */ `a` <=> E'x'", 'mysql')).toBe(
      frozen(['/*!50000', 'select', '*/', '/*+ H */', '`a`', '<=>', 'E', "'x'"]),
    );
  });

  // Fixtures: written once, never to change. A change would turn every applied migration into an edited one.
  test.each<[Dialect, string, string]>([
    ['postgresql', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['postgresql', POSTGRES, 'b31e1335da12e17bc8e952e59d6d88d9774a10987ffdbfb7d5138cdc5ef6e834'],
    ['mysql', MYSQL, 'd26f81e4520b942be86d48aeeff1b282e9a154d4d1667f6744a2b115395011ee'],
  ])('frozen for %s: %s', (dialect, text, checksum) => {
    expect(tokenChecksum(text, dialect)).toBe(checksum);
    expect(readStatements(text, dialect).tokenChecksum).toBe(checksum);
  });

  const base = tokenChecksum('create table a (b text);select 1', 'postgresql');
  test.each([
    ['comments', '/* x */ create table a ( -- y\n b text);select 1 -- z'],
    ['directives', '-- @impact expand\n-- @requires 0001_a\ncreate table a (b text);select 1'],
    ['white space and line ends', 'create  table\r\na(b\ttext) ;\r\nselect\r\n1\r\n'],
    ['markers', `create table a (b text);${MARKER}\nselect 1;\n${MARKER}`],
    ['empty statements', ';;create table a (b text);;select 1;;'],
    ['a BOM', '\uFEFFcreate table a (b text);select 1'],
  ])('%s do not count', (_, text) => {
    expect(tokenChecksum(text, 'postgresql')).toBe(base);
  });

  test.each([
    ['the case of words', 'CREATE table a (b text);select 1'],
    ['a literal', "create table a (b text);select '1'"],
    ['the order', 'select 1;create table a (b text)'],
    ['where a statement ends', 'create table a (b text) select 1'],
    ['tokens that are joined', 'create table a (btext);select 1'],
    ['quotes of a name', 'create table "a" (b text);select 1'],
  ])('%s counts', (_, text) => {
    expect(tokenChecksum(text, 'postgresql')).not.toBe(base);
  });

  test('white space and comments inside literals count', () => {
    expect(tokenChecksum("select 'a  b'", 'postgresql')).not.toBe(
      tokenChecksum("select 'a b'", 'postgresql'),
    );
    expect(tokenChecksum('do $$ -- a\n $$', 'postgresql')).not.toBe(
      tokenChecksum('do $$ -- b\n $$', 'postgresql'),
    );
  });
});
