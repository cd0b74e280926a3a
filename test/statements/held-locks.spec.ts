import { heldLocks } from '../../src/statements/held-locks.js';
import { readStatements } from '../../src/statements/read-statements.js';

/** `statement during: mode table@since, ...` for each entry. */
function held(sql: string): readonly string[] {
  return heldLocks(readStatements(sql, 'postgresql').statements).map(
    (entry) =>
      `${entry.statement} ${entry.during}: ${entry.held.map(({ object, mode, since }) => `${mode} ${object.name}@${since}`).join(', ')}`,
  );
}

const CASES: readonly (readonly [rule: string, sql: string, held: readonly string[]])[] = [
  ['one statement holds nothing up', 'ALTER TABLE a ALTER COLUMN b SET NOT NULL', []],
  [
    'a backfill under an exclusive lock',
    'ALTER TABLE a ADD COLUMN b int; UPDATE a SET b = 1',
    ['1 rows: ACCESS EXCLUSIVE a@0'],
  ],
  [
    'a scan of another table',
    'ALTER TABLE a ADD COLUMN b int; ALTER TABLE c ALTER COLUMN d SET NOT NULL',
    ['1 scan: ACCESS EXCLUSIVE a@0'],
  ],
  [
    'an index build',
    'ALTER TABLE a ADD COLUMN b int; CREATE INDEX i ON a (b)',
    ['1 index build: ACCESS EXCLUSIVE a@0'],
  ],
  [
    'a rewrite',
    'ALTER TABLE a ADD COLUMN b int; ALTER TABLE c ALTER COLUMN d TYPE text',
    ['1 rewrite: ACCESS EXCLUSIVE a@0'],
  ],
  [
    'a wait for another table',
    'ALTER TABLE a ADD COLUMN b int; ALTER TABLE c ADD COLUMN d int',
    ['1 wait: ACCESS EXCLUSIVE a@0'],
  ],
  [
    'the table of a foreign key is waited for',
    'ALTER TABLE a ADD COLUMN b int; ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c NOT VALID',
    ['1 wait: ACCESS EXCLUSIVE a@0'],
  ],
  [
    'the same table again is no wait',
    'ALTER TABLE a ADD COLUMN b int; ALTER TABLE a ADD COLUMN c int',
    [],
  ],
  [
    'stored code may do anything',
    'ALTER TABLE a ADD COLUMN b int; DO $$ BEGIN END $$',
    ['1 unknown: ACCESS EXCLUSIVE a@0'],
  ],
  [
    'weak locks hold nobody up',
    'INSERT INTO a VALUES (1); ALTER TABLE a VALIDATE CONSTRAINT c; UPDATE b SET c = 1',
    [],
  ],
  [
    'a table of this transaction is seen by nobody',
    'CREATE TABLE a (b int); ALTER TABLE a ADD COLUMN c int; CREATE INDEX i ON a (c); UPDATE a SET b = 1',
    [],
  ],
  [
    'locks add up, each from its statement',
    'ALTER TABLE a ADD COLUMN b int; CREATE TABLE n (id int); ALTER TABLE c ADD COLUMN d int; UPDATE e SET f = 1',
    ['2 wait: ACCESS EXCLUSIVE a@0', '3 rows: ACCESS EXCLUSIVE a@0, ACCESS EXCLUSIVE c@2'],
  ],
  [
    'a stronger lock is waited for, and counts from then on',
    'CREATE INDEX i ON a (b); ALTER TABLE a ADD COLUMN c int; UPDATE a SET b = 1',
    ['1 wait: SHARE a@0', '2 rows: ACCESS EXCLUSIVE a@0'],
  ],
  ['settings take no time', 'ALTER TABLE a ADD COLUMN b int; SET LOCAL work_mem = 1; SELECT 1', []],
];

describe('held locks', () => {
  test.each(CASES)('%s', (_, sql, expected) => {
    expect(held(sql)).toEqual(expected);
  });
});
