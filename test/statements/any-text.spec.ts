import fc from 'fast-check';
import { isMigratorError } from '../../src/errors.js';
import { classify } from '../../src/statements/classify.js';
import { impactOf } from '../../src/statements/impact.js';
import { readStatements } from '../../src/statements/read-statements.js';
import type { ClassifiedStatement, Dialect } from '../../src/statements/statement.js';
import { Tokenizer } from '../../src/statements/tokenize.js';

const MARKER = '--> statement-breakpoint';

const COMMON = [
  'select 1',
  "insert into a values ('it''s; -- no comment', 1)",
  'update a set b = b - -1 where c in (1, 2)',
  'create table "a;b" (c int)',
  'begin',
  'commit',
  `select '${MARKER}'`,
  'select 1 /* ; */ + 2',
  'select 1 -- ;\n + 2',
];
const VALID: Readonly<Record<Dialect, readonly string[]>> = {
  postgresql: [
    ...COMMON,
    'do $$ begin; end; $$',
    `create function f() returns int as $f$ begin; $$ ; ${MARKER} ' end $f$ language plpgsql`,
    "select E'\\';'",
    'create function g() returns int begin atomic select 1; select case when true then 1 end; end',
    'create rule r as on insert to t do also (select 1; select 2)',
    'select a$b$c, $1 from t',
    '/* a /* b; */ c; */ select 1',
    `select U&"\\0061;" -- '`,
  ],
  mysql: [
    ...COMMON,
    "select 'a\\';b', \"c;\"",
    'select `a;``b`',
    'select 5--1',
    'create trigger t before insert on a for each row begin set new.x = 1; if y then set new.z = 2; end if; end',
    'create definer=`r`@`%` procedure p() begin case a when 1 then select 1; end case; end',
    '/*!50000 set @a = 1; */',
    'select 1 # it;s\n',
    'select a$$b',
  ],
};
const SEPARATORS = [
  ';',
  `;${MARKER}`,
  `\n${MARKER}\n`,
  ' ;\r\n',
  `;\n-- comment; '\n;\n`,
  `;;${MARKER};`,
];

describe.each<Dialect>(['postgresql', 'mysql'])('any text on %s', (dialect) => {
  test('statements joined by any separators split into the same statements', () => {
    const piece = fc.record({
      sql: fc.constantFrom(...VALID[dialect]),
      separator: fc.constantFrom(...SEPARATORS),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        // The line end keeps a separator out of a comment that ends the piece.
        const text = pieces.map(({ sql, separator }) => `${sql}\n${separator}`).join('\n');
        expect(readStatements(text, dialect).statements.map(({ sql }) => sql)).toEqual(
          pieces.map(({ sql }) => sql.trim()),
        );
      }),
      { numRuns: 300 },
    );
  });

  const fragment = fc.oneof(
    fc.constantFrom(
      ...[
        "'",
        '"',
        '`',
        '$$',
        '$a$',
        '/*',
        '*/',
        '/*!',
        '/*+',
        '--',
        '-- ',
        '#',
        '\n',
        '\\',
        ';',
        '(',
        ')',
        'E',
        '@',
        '.',
      ],
      ...[
        'begin',
        'end',
        'case',
        'create',
        'function',
        'trigger',
        'atomic',
        'alter',
        'table',
        'add',
        'drop',
        'index',
        'on',
      ],
      ...['\uFEFF', '\uD83D', 'é', '😀', '\0', MARKER, ' ', '1', '1e', ','],
    ),
    fc.string({ maxLength: 5 }),
  );
  const anything = fc
    .array(fragment, { maxLength: 40 })
    .map((parts) => parts.join(' '.repeat(parts.length % 2)));

  test('the tokens of any text join to the text', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const tokens = new Tokenizer(text, dialect);
        let joined = '';
        let line = 1;
        for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
          expect(text.startsWith(token.text, token.start)).toBe(true);
          expect(token.line).toBe(line);
          joined += token.text;
          line += token.text.split('\n').length - 1;
        }
        expect(joined).toBe(text.startsWith('\uFEFF') ? text.slice(1) : text);
      }),
      { numRuns: 1000 },
    );
  });

  /** Statements of a text, or the code of its refusal; anything else thrown is a defect. */
  function read(text: string): readonly ClassifiedStatement[] | string {
    try {
      return readStatements(text, dialect).statements;
    } catch (error) {
      if (isMigratorError(error)) return error.code;
      throw error;
    }
  }

  test('any text is read or refused by name; impact takes what is read', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const found = read(text);
        const statements = typeof found === 'string' ? [] : found;
        const code = typeof found === 'string' ? found : 'UNTERMINATED';
        expect(['UNTERMINATED', 'STATEMENT_REFUSED']).toContain(code);
        expect(impactOf(statements).created.size).toBeGreaterThanOrEqual(0);
        expect(statements.map(({ index }) => index)).toEqual(statements.map((_, n) => n));
        expect(statements.every(({ sql }) => sql !== '' && text.includes(sql))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('classification never throws, not even on what no splitter would give', () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const verb of [
          '',
          'create ',
          'alter table ',
          'drop ',
          'with ',
          'select ',
          'insert into ',
        ]) {
          expect(classify({ sql: verb + text }, dialect).category).toEqual(expect.any(String));
        }
      }),
      { numRuns: 500 },
    );
  });
});
