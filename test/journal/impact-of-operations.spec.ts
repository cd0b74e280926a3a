import { afterEach, expect, it } from '@jest/globals';
import { loadJournal } from '../../src/journal/load-journal.js';
import { parseMigration } from '../../src/journal/parse-migration.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';

let journal: WrittenJournal | undefined;
afterEach(() => journal?.remove());

/** Impact and requirement of one file, alone or behind what an earlier one of the same run created. */
const read = async (
  dialect: 'postgresql' | 'mysql',
  sql: string,
  before = '',
): Promise<readonly [string, string | null]> => {
  journal = await writeJournal(
    [
      { tag: '0000_a', sql: before || 'select 1;' },
      { tag: '0001_b', sql },
    ],
    { dialect },
  );
  const options = { dialect, operations: new Set(['op']) };
  const [first, second] = loadJournal(journal.folder).migrations;
  if (first === undefined || second === undefined) throw new Error('two were written');
  const { created } = parseMigration(first, options);
  const { impact, requires } = parseMigration(second, { ...options, created });
  return [impact, requires];
};

it.each<readonly [string, 'postgresql' | 'mysql', string, string]>([
  [
    'a type changed in place',
    'postgresql',
    'alter table t alter column c type bigint;',
    'breaking',
  ],
  [
    'the contract of its operation',
    'postgresql',
    '-- @operation op contract\nalter table t alter column c type bigint;',
    'contract',
  ],
  ['a rename', 'postgresql', 'alter table t rename column c to d;', 'breaking'],
  [
    'the contract of its operation',
    'postgresql',
    '-- @operation op contract\nalter table t rename column c to d;',
    'contract',
  ],
  ['a MODIFY', 'mysql', 'alter table t modify column c varchar(16) not null;', 'breaking'],
  [
    'the contract of its operation',
    'mysql',
    '-- @operation op contract\nalter table t modify column c varchar(16) not null;',
    'contract',
  ],
  [
    'an expand',
    'postgresql',
    '-- @operation op expand\nalter table t add column d text;',
    'expand',
  ],
  [
    'an expand that old writers could not fill by themselves',
    'postgresql',
    '-- @operation op expand\nalter table t add column d text not null;',
    'expand',
  ],
  [
    'a contract with an addition of its own beside it',
    'postgresql',
    'alter table u add column d text;\n--> statement-breakpoint\n-- @operation op contract\nalter table t drop column c;',
    'breaking',
  ],
  [
    'what @impact says',
    'postgresql',
    '-- @impact breaking\n-- @operation op contract\nalter table t drop column c;',
    'breaking',
  ],
])('%s, on %s', async (_, dialect, sql, impact) => {
  expect(await read(dialect, sql)).toEqual([impact, impact === 'expand' ? null : '0001_b']);
});

it('what was created in the same run needs nobody’s consent, and is missed by an older build that comes later', async () => {
  const created = 'create table t (id int primary key, c text);';
  expect(await read('postgresql', 'alter table t drop column c;', created)).toEqual([
    'expand',
    '0001_b',
  ]);
  expect(await read('postgresql', 'alter table t add column d text;', created)).toEqual([
    'expand',
    null,
  ]);
});
