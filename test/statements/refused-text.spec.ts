import { isMigratorError, type MigratorError } from '../../src/errors.js';
import { readStatements } from '../../src/statements/read-statements.js';
import type { Dialect } from '../../src/statements/statement.js';

function errorOf(text: string, dialect: Dialect): MigratorError {
  try {
    readStatements(text, dialect, { place: { migration: '0003_x', file: 'drizzle/0003_x.sql' } });
  } catch (error) {
    if (isMigratorError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const CASES: readonly (readonly [
  rule: string,
  dialect: Dialect,
  text: string,
  code: string,
  line: number,
  statement: number,
])[] = [
  ['a string', 'postgresql', "select 1;\nselect\n 'canary", 'UNTERMINATED', 3, 2],
  ['an E string', 'postgresql', "select E'canary\\'", 'UNTERMINATED', 1, 1],
  ['a quoted name', 'postgresql', 'select 1;\r\nselect "canary', 'UNTERMINATED', 2, 2],
  ['a dollar quote', 'postgresql', '\n\ndo $canary$ begin end $canar$', 'UNTERMINATED', 3, 1],
  ['a dollar quote behind another', 'postgresql', 'do $$\n\n$$; do $a$', 'UNTERMINATED', 3, 2],
  ['a nested comment', 'postgresql', '/* canary /* */', 'UNTERMINATED', 1, 1],
  ['a MySQL comment', 'mysql', 'select 1; /* canary', 'UNTERMINATED', 1, 2],
  ['a hint', 'mysql', 'select /*+ canary', 'UNTERMINATED', 1, 1],
  ['a backtick', 'mysql', 'select `canary', 'UNTERMINATED', 1, 1],
  ['a double quote', 'mysql', 'select "canary', 'UNTERMINATED', 1, 1],
  [
    'DELIMITER',
    'mysql',
    'select 1;\nDelimiter //\ncreate trigger canary //',
    'STATEMENT_REFUSED',
    2,
    2,
  ],
  [
    'COPY FROM STDIN',
    'postgresql',
    "select 1;\ncopy public.a (b)\nfrom stdin;\ncanary'\t1\n\\.\n",
    'STATEMENT_REFUSED',
    3,
    2,
  ],
  [
    'a meta-command (pg_dump)',
    'postgresql',
    '\\restrict canary\nselect 1',
    'STATEMENT_REFUSED',
    1,
    1,
  ],
  [
    'a meta-command inside a statement',
    'postgresql',
    'select 1 \\gset canary',
    'STATEMENT_REFUSED',
    1,
    1,
  ],
];

describe('text that no server would take', () => {
  test.each(CASES)('%s', (_, dialect, text, code, line, statement) => {
    const error = errorOf(text, dialect);
    expect(error.code).toBe(code);
    expect(error.exitCode).toBe(4);
    expect(error.place).toEqual({
      migration: '0003_x',
      file: 'drizzle/0003_x.sql',
      line,
      statement,
    });
    expect(error.remedy).toContain('nest-migrate');
    expect(JSON.stringify(error)).not.toContain('canar');
  });

  test.each<[string, Dialect]>([
    ["select 'DELIMITER //'", 'mysql'],
    ['select delimiter from a', 'mysql'],
    ["copy a from '/tmp/stdin'", 'postgresql'],
    ['copy a to stdout', 'postgresql'],
    ['select stdin from copy', 'postgresql'],
    ["select '\\restrict'", 'postgresql'],
    ['-- \\restrict x\nselect 1', 'postgresql'],
    ['-- DELIMITER //\nselect 1', 'mysql'],
  ])('%s is not refused', (text, dialect) => {
    expect(readStatements(text, dialect).statements).toHaveLength(1);
  });
});
