import { describe, expect, it } from '@jest/globals';
import { programOf, unfit } from '../../src/backup/dump-program.js';
import { failureClass } from '../../src/backup/failure-class.js';
import { dumpFileName } from '../../src/backup/file-name.js';
import { isMigratorError } from '../../src/errors.js';
import { renameColumn, tightenNotNull } from '../../src/index.js';
import type { Migration, ParsedMigration } from '../../src/journal/journal.js';
import { parseMigration } from '../../src/journal/parse-migration.js';
import type { Operation } from '../../src/operations/operation.js';
import { atStake } from '../../src/plan/at-stake.js';
import { backupBefore, withBackups, type BackupPolicy } from '../../src/plan/backup.js';
import type { DatabasePlan, MigrationAction } from '../../src/plan/plan.js';
import { formatBytes } from '../../src/wording/bytes.js';

const MB = 1_000_000;
const ASKED: BackupPolicy = { dataBelow: 100 * MB, ref: null, unreachable: null };

const OPERATIONS = new Map<string, Operation>([
  ['mail', renameColumn('mail', { table: 'users', from: 'mail', to: 'email' })],
  ['nick', tightenNotNull('nick', { table: 'users', column: 'nick' })],
]);

function parsed(dialect: 'postgresql' | 'mysql', sql: string): ParsedMigration {
  const migration: Migration = {
    tag: '0001_drop',
    layout: 'journal',
    position: 1,
    createdAtMs: 0,
    checksum: '',
    file: 'drizzle/0001_drop.sql',
    invalidLine: null,
    read: () => sql,
    lineEndingChecksums: () => [],
    downFile: null,
    readDown: () => null,
  };
  return parseMigration(migration, { dialect, operations: new Set(OPERATIONS.keys()) });
}

function stakes(dialect: 'postgresql' | 'mysql', sql: string): readonly string[] {
  return atStake(parsed(dialect, sql), OPERATIONS).map(
    ({ kind, schema, name }) => `${kind} ${schema === null ? '' : `${schema}.`}${name}`,
  );
}

describe('what is at stake', () => {
  it.each([
    ['postgresql', 'drop table a, s.b cascade', ['table a', 'table s.b']],
    ['postgresql', 'alter table a drop column x, drop column y', ['table a']],
    ['postgresql', 'drop schema s cascade', ['schema s']],
    ['postgresql', 'drop type mood cascade', ['type mood']],
    ['postgresql', 'drop sequence n', ['table n']],
    ['postgresql', 'alter table a alter column x set not null', []],
    ['postgresql', 'alter table a drop constraint c; drop index i; drop view v', []],
    ['postgresql', 'delete from a; drop view v', ['table a']],
    ['postgresql', 'truncate a; insert into b values (1)', ['table a']],
    ['postgresql', '-- @operation mail contract', ['table users']],
    ['postgresql', '-- @operation mail verify', []],
    ['postgresql', '-- @operation nick contract', []],
    ['mysql', 'drop table a, b', ['table a', 'table b']],
    ['mysql', 'alter table a drop column x', ['table a']],
    ['mysql', 'truncate table a', ['table a']],
    ['mysql', 'update a set x = 1', ['table a']],
  ] as const)('%s: %s', (dialect, sql, expected) => {
    expect(stakes(dialect, sql)).toEqual(expected);
  });
});

const action = (over: Partial<MigrationAction> = {}): MigrationAction => ({
  target: 'database',
  kind: 'apply',
  id: '0001_drop',
  command: 'nest-migrate up',
  migration: parsed('postgresql', 'alter table users drop column nick'),
  impact: 'contract',
  steps: [],
  units: [],
  atomic: true,
  announced: true,
  resume: null,
  ...over,
});
const users = (bytes: number | null) => ({ schema: 'public', name: 'users', bytes });

describe('what is put by', () => {
  it.each<readonly [string, readonly (number | null)[], Partial<BackupPolicy>, string]>([
    ['a small table', [MB], {}, 'data'],
    ['no rows go', [], {}, 'schema'],
    ['no rows go, and no data is wanted', [], { dataBelow: 0 }, 'schema'],
    ['just below the limit', [99 * MB, MB - 1], {}, 'data'],
    ['at the limit', [99 * MB, MB], {}, 'REFUSED_BACKUP'],
    ['an empty table, and no data is wanted', [0], { dataBelow: 0 }, 'REFUSED_BACKUP'],
    ['a table that is locked', [MB, null], {}, 'REFUSED_BACKUP'],
    ['too large, with a snapshot', [500 * MB], { ref: 'snap' }, 'schema'],
    ['locked, with a snapshot', [null], { ref: 'snap' }, 'schema'],
    ['no program reaches it', [MB], { unreachable: 'PGlite' }, 'REFUSED_BACKUP'],
    ['no program reaches it, a snapshot', [MB], { unreachable: 'PGlite', ref: 'snap' }, 'none'],
    ['nothing is asked for, a snapshot', [], { dataBelow: null, ref: 'snap' }, 'none'],
  ])('%s', (_name, bytes, policy, expected) => {
    const backup = backupBefore(action(), bytes.map(users), { ...ASKED, ...policy });
    expect(isMigratorError(backup) ? backup.code : backup.dump).toBe(expected);
  });

  const planOf = (...actions: readonly MigrationAction[]): DatabasePlan => ({
    actions,
    deferred: [],
    phases: [],
    findings: [],
    refusals: [],
  });
  const seen = (empty: boolean, bytes: number) => ({
    ledger: { version: null, rows: [], bootstrapped: true, attempts: [], empty },
    atStake: new Map([['0001_drop', [users(bytes)]]]),
  });

  it.each<readonly [string, MigrationAction, boolean]>([
    ['a new database', action(), true],
    ['one that goes on', action({ resume: { attemptId: '1', position: 1, settled: [] } }), false],
    ['an expand', action({ impact: 'expand' }), false],
  ])('nothing before %s', (_name, one, empty) => {
    for (const dataBelow of [null, 1]) {
      const plan = planOf(one);
      expect(withBackups(plan, seen(empty, 500 * MB), { ...ASKED, dataBelow })).toBe(plan);
    }
  });

  it('a refusal names tables, sizes and the limit, and what to type', () => {
    const { refusals } = withBackups(planOf(action()), seen(false, 1.5e9), ASKED);
    expect(refusals.map(({ message, remedy }) => `${message} ${remedy}`)).toEqual([
      '0001_drop takes rows away, and a backup of them is asked for: public.users (1.5 GB). That is 1.5 GB altogether, and rows are dumped below 100 MB (option backup.dataBelow). Either take a snapshot of the database by its own means, and name it: nest-migrate up --backup-ref <its name>; or raise backup.dataBelow.',
    ]);
  });

  it('one remark for all contracts where nothing is asked for; none where no rows go', () => {
    const policy: BackupPolicy = { ...ASKED, dataBelow: null };
    const table = parsed('postgresql', 'drop table logs');
    const view = parsed('postgresql', 'drop view v');
    const plan = planOf(action(), action({ id: '0002_logs', migration: table }));
    expect(withBackups(plan, seen(false, 1), policy).findings).toEqual([
      {
        code: 'contract-without-backup',
        severity: 'warning',
        message:
          '0001_drop, 0002_logs take away for good: column users.nick, table logs. No backup is asked for (option backup, or --backup-ref for a snapshot of your own).',
      },
    ]);
    expect(
      withBackups(planOf(action({ migration: view })), seen(false, 1), policy).findings,
    ).toEqual([]);
  });
});

describe('dump programs', () => {
  it.each([
    ['pg_dump (PostgreSQL) 18.6 (Debian 18.6-3)', 'postgresql 18.6'],
    ['mysqldump  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', 'mysql 9.7.4'],
    ['mysqldump  Ver 10.13 Distrib 5.7.44, for Linux (x86_64)', 'mysql 5.7.44'],
    [
      'mariadb-dump  Ver 10.19 Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)',
      'mariadb 10.11.18',
    ],
    ['mariadb-dump from 11.8.2-MariaDB, client 10.19 for Linux (x86_64)', 'mariadb 11.8.2'],
    ['hello', 'none'],
  ])('%s', (said, expected) => {
    const program = programOf('dump', said);
    expect(program === null ? 'none' : `${program.vendor} ${program.version}`).toBe(expected);
  });

  it.each([
    ['postgresql', '18.6', 'postgresql', '15.18', null],
    ['postgresql', '15.18', 'postgresql', '18.4', 'too-old'],
    ['mysql', '9.7.4', 'mysql', '8.4.2', null],
    ['mariadb', '10.11.18', 'mariadb', '11.4.2-MariaDB', 'too-old'],
    ['mariadb', '10.11.18', 'mysql', '9.7.4', 'other-vendor'],
    ['mysql', '9.7.4', 'mariadb', '10.11.18-MariaDB', 'other-vendor'],
  ] as const)('%s %s for %s %s', (vendor, version, flavour, of, expected) => {
    expect(unfit({ command: 'dump', vendor, version }, { flavour, version: of })).toBe(expected);
  });

  it.each([
    ['pg_dump: error: query failed: ERROR:  permission denied for table t', 'not-permitted'],
    [
      "mysqldump: Got error: 1045: Access denied for user 'x'@'y' when trying to connect",
      'credentials',
    ],
    [
      'pg_dump: error: connection to server at "h", port 1 failed: Connection refused',
      'unreachable',
    ],
    ['pg_dump: detail: canceling statement due to lock timeout', 'locked'],
    ["mysqldump: unknown option '--x'", 'usage'],
    ['', 'unknown'],
  ])('%s', (said, expected) => {
    expect(failureClass(said)).toBe(expected);
  });

  it('files have names of plain characters', () => {
    const at = Date.UTC(2026, 0, 31, 10, 11, 12, 345);
    expect(dumpFileName('my app', '../0042_x', at, 'data')).toBe(
      'my-app...-0042_x.20260131T101112.345Z.data.sql',
    );
  });

  it.each([
    [512, '512 bytes'],
    [1000, '1 kB'],
    [1_530_000, '1.5 MB'],
    [99_960_000, '100 MB'],
    [999_600_000, '1 GB'],
  ])('%s bytes are %s', (bytes, words) => {
    expect(formatBytes(bytes)).toBe(words);
  });
});
