import { describe, expect, it } from '@jest/globals';
import { parseMigration } from '../../src/journal/parse-migration.js';
import type { Migration } from '../../src/journal/journal.js';
import { lostState } from '../../src/plan/lost-state.js';
import { stepsOf, WITH_DATA } from '../../src/plan/steps.js';

function lost(position: number, ...sql: readonly string[]): readonly string[] {
  const migration: Migration = {
    tag: '0000_m',
    layout: 'journal',
    position: 0,
    createdAtMs: 0,
    checksum: '',
    file: '0000_m.sql',
    invalidLine: null,
    read: () => sql.join(';\n'),
    lineEndingChecksums: () => [],
    downFile: null,
    readDown: () => null,
  };
  const parsed = parseMigration(migration, { dialect: 'mysql', codeMigrations: new Set() });
  return lostState(parsed, stepsOf(parsed, WITH_DATA), position);
}

/** Guards promise 2: a resume never goes on with a variable or a table that is silently another one. */
describe('what a new session lacks for the rest of a migration', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      'a literal is set again',
      ['SET @a := 5', 'ALTER TABLE t ADD b int', 'UPDATE t SET b = @a'],
      [],
    ],
    [
      'a setting is read again',
      ['SET @old = @@sql_mode', 'ALTER TABLE t ADD b int', 'SET sql_mode = @old'],
      [],
    ],
    [
      'a query may answer otherwise',
      ['SET @n = (SELECT max(id) FROM t)', 'ALTER TABLE t ADD b int', 'UPDATE t SET b = @n'],
      ['@n'],
    ],
    [
      'INTO is not run again',
      ['SELECT max(id) INTO @n FROM t', 'ALTER TABLE t ADD b int', 'UPDATE t SET b = @n'],
      ['@n'],
    ],
    [
      'a statement moves it by the way',
      ['SET @r := 0', 'UPDATE t SET p = (@r := @r + 1)', 'UPDATE u SET p = (@r := @r + 1)'],
      ['@r'],
    ],
    [
      'nobody asks for it any more',
      ['SET @n = (SELECT 1)', 'UPDATE t SET b = @n', 'ALTER TABLE t ADD c int'],
      [],
    ],
    [
      'another name',
      ['SET @n = (SELECT 1)', 'ALTER TABLE t ADD b int', 'UPDATE t SET b = @name'],
      [],
    ],
    [
      'a temporary table',
      [
        'CREATE TEMPORARY TABLE tmp (id int)',
        'ALTER TABLE t ADD b int',
        'INSERT INTO t SELECT id FROM tmp',
      ],
      ['temporary table tmp'],
    ],
    [
      'a temporary table that is gone',
      [
        'CREATE TEMPORARY TABLE tmp (id int)',
        'DROP TEMPORARY TABLE tmp',
        'INSERT INTO tmp VALUES (1)',
      ],
      [],
    ],
    [
      'a name within a name',
      [
        'CREATE TEMPORARY TABLE tmp (id int)',
        'ALTER TABLE t ADD b int',
        'INSERT INTO tmp2 VALUES (1)',
      ],
      [],
    ],
    [
      'the last insert',
      [
        'INSERT INTO t VALUES (1)',
        'ALTER TABLE t ADD b int',
        'INSERT INTO u VALUES (LAST_INSERT_ID())',
      ],
      ['LAST_INSERT_ID()'],
    ],
  ])('%s', (_name, sql, expected) => {
    expect(lost(2, ...sql)).toEqual(expected);
  });

  it('the last insert of the rest itself', () => {
    expect(
      lost(
        1,
        'CREATE TABLE t (id int)',
        'INSERT INTO t VALUES (1)',
        'INSERT INTO u VALUES (LAST_INSERT_ID())',
      ),
    ).toEqual([]);
  });
});
