import { failedLine } from '../../src/run/failed-line.js';
import { readStatements } from '../../src/statements/read-statements.js';
import { migratorWorld } from '../migrator/migrator-world.js';

const SQL = `-- @lock-timeout 2s
CREATE TABLE letters (id int PRIMARY KEY, text text);

/* A comment that is sent with
   the statement /* and has one inside */ below, 😀 */
INSERT INTO letters (id, text)
SELECT 1, '😀😀'
  FROM letters
 WHERE no_such_column = 1;
`;

describe('place.line of a statement that Postgres refuses', () => {
  it.each([
    ['in the middle of a statement', SQL, 9],
    ['sent one by one', SQL.replace('-- @lock-timeout 2s', '-- @transaction off'), 9],
    ['with Windows line ends', SQL.replaceAll('\n', '\r\n'), 9],
    ['at its end', 'CREATE TABLE a (id int);\n\nCREATE TABLE b (\n  id int\n', 4],
    [
      'without a word from the server',
      'CREATE TABLE a (id int PRIMARY KEY);\n\nINSERT INTO a\nSELECT 1 FROM generate_series(1, 2);',
      3,
    ],
    [
      'inside a function, whose text is not the file',
      'SELECT 1;\n\nDO $$\nBEGIN\n  PERFORM\n    no_such_column;\nEND $$;',
      3,
    ],
  ])('%s', async (_where, sql, line) => {
    const world = await migratorWorld('postgres18', [{ tag: '0000_bad', sql }]);
    try {
      await expect(world.migrator().up()).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        place: { migration: '0000_bad', line },
      });
    } finally {
      await world.close();
    }
  });

  it('is the first of the statement where a position lies outside of it', () => {
    const [statement] = readStatements('\n\nSELECT\n1', 'postgresql').statements;
    expect([1, 8, 9, 10, undefined].map((at) => failedLine(statement!, at))).toEqual([
      3, 4, 4, 3, 3,
    ]);
  });
});
