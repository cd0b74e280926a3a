import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { pathToFileURL } from 'node:url';
import { EXIT_CODES } from '../../src/errors.js';
import type { MigratorOptions } from '../../src/options.js';
import { resolveOptions, type OptionsEnvironment } from '../../src/resolve-options.js';

const URL = 'postgresql://me:pw@h:5432/app';
const HERE: OptionsEnvironment = { env: {}, cwd: '/srv/app', hostname: 'pod-7' };
const database = { dialect: 'postgresql', url: URL } as const;

function resolved(options: object = {}, env: OptionsEnvironment['env'] = {}) {
  return resolveOptions({ database, ...options } as MigratorOptions, { ...HERE, env });
}

function refused(options: unknown, env: OptionsEnvironment['env'] = {}): Error {
  try {
    resolveOptions(options as MigratorOptions, { ...HERE, env });
  } catch (error) {
    return error as Error;
  }
  throw new Error('was not refused');
}

describe('defaults', () => {
  it('are filled in once', () => {
    expect(resolved()).toEqual({
      name: 'default',
      database,
      migrationsFolder: '/srv/app/drizzle',
      migrationsGiven: './drizzle',
      migrationsTable: '__drizzle_migrations',
      migrationsSchema: 'drizzle',
      grantTo: [],
      coordinator: null,
      lock: { waitMs: 600_000, pollMinMs: 400, pollMaxMs: 1500, drain: 'wait', drainMs: 30_000 },
      policies: { outOfOrder: 'apply', edited: 'error', ahead: 'allow', lint: 'off' },
      lockTimeoutMs: 500,
      lockLadderMs: 600_000,
      codeMigrations: new Map(),
      backfills: 'up',
      operations: new Map(),
      backup: null,
      requires: [],
      readiness: {
        notReadyIntervalMs: 1000,
        readyIntervalMs: 10_000,
        unreachableGraceMs: 15_000,
        onUnreachable: 'down',
        queryTimeoutMs: 500,
        checksum: 'degraded',
        diverged: 'down',
        unknownAhead: 'degraded',
      },
      fleet: { mode: 'auto', forgetMs: 300_000, service: 'app', probes: [] },
      lenient: false,
      build: null,
      actor: 'pod-7',
      listeners: [],
      allowStartupInProduction: false,
      scratch: false,
    });
  });

  it('the lock timeout of MySQL is its minimum', () => {
    const mysql = { dialect: 'mysql', url: 'mysql://h/app' };
    expect(resolved({ database: mysql }).lockTimeoutMs).toBe(1000);
  });

  it('take a test’s own database for one nowhere but in tests', () => {
    expect(resolved({ scratch: true }, { NODE_ENV: 'test' }).scratch).toBe(true);
    expect(refused({ database, scratch: true }, { NODE_ENV: 'production' })).toMatchObject({
      code: 'CONFIGURATION',
    });
  });

  it.each(['development', 'test'])('in %s a silent instance is not waited for', (mode) => {
    const { fleet, lenient } = resolved({}, { NODE_ENV: mode });
    expect({ ...fleet, lenient }).toMatchObject({ forgetMs: 0, lenient: true });
  });

  it('an explicit undefined is not given', () => {
    const options = resolved({ lock: { waitMs: undefined, drain: 'fail' }, migrations: undefined });
    expect(options.lock).toMatchObject({ waitMs: 600_000, drain: 'fail' });
    expect(options.migrationsFolder).toBe('/srv/app/drizzle');
  });

  it('build and actor come from the environment', () => {
    expect(resolved({}, { RELEASE: 'v3', GIT_SHA: 'abc' }).build).toBe('v3');
    expect(resolved({}, { RELEASE: '', GIT_SHA: 'abc' }).build).toBe('abc');
    expect(resolved({ build: 'mine' }, { RELEASE: 'v3' }).build).toBe('mine');
    expect(resolved({}, { GITHUB_RUN_ID: '42' }).actor).toBe('github-run:42');
    expect(resolved({}, { CI_JOB_URL: 'https://ci/1' }).actor).toBe('https://ci/1');
  });
});

describe('migrations', () => {
  it.each([
    ['relative', 'db/out', '/srv/app/db/out'],
    ['absolute', '/opt/out', '/opt/out'],
    ['a file URL', pathToFileURL('/opt/with space'), '/opt/with space'],
    ['a file URL as text', 'file:///opt/with%20space', '/opt/with space'],
  ])('%s', (_name, migrations, folder) => {
    const { migrationsFolder, migrationsGiven } = resolved({ migrations });
    expect(migrationsFolder).toBe(folder);
    expect(migrationsGiven).not.toMatch(/^file:/);
  });
});

describe('MIGRATION_DATABASE_URL', () => {
  const direct = 'postgresql://migrator:pw2@direct:5432/app';

  it('is the runner address of the migrator without a name', () => {
    expect(resolved({}, { MIGRATION_DATABASE_URL: direct }).database.migrationUrl).toBe(direct);
  });

  it.each([
    ['one with a name', { name: 'orders' }],
    ['one with an address of its own', { database: { ...database, migrationUrl: URL } }],
    ['PGlite', { database: { dialect: 'postgresql', url: 'memory://' } }],
  ])('is not that of %s', (_name, options) => {
    const { migrationUrl } = resolved(options, { MIGRATION_DATABASE_URL: direct }).database;
    expect(migrationUrl).not.toBe(direct);
  });

  it('must name the same database: one variable can only belong to one', () => {
    const env = { MIGRATION_DATABASE_URL: 'postgresql://migrator:c4n4ry@direct:5432/other' };
    const error = refused({ database }, env);
    expect(error).toMatchObject({ code: 'CONFIGURATION' });
    expect(inspect(error)).not.toContain('c4n4ry');
    expect(error.message).toContain('other');
  });
});

describe('what cannot be is refused by name, type and what is allowed', () => {
  it.each([
    ['no options', undefined, 'options'],
    ['no database', {}, 'database'],
    ['a misspelt option', { database, migrationTable: 'x' }, 'migrationTable'],
    ['a misspelt nested option', { database, lock: { wait: 5 } }, 'lock.wait'],
    ['a name that is none', { database, name: '' }, 'name'],
    ['a number as folder', { database, migrations: 7 }, 'migrations'],
    [
      'a web URL as folder',
      { database, migrations: new globalThis.URL('https://x/y') },
      'migrations',
    ],
    ['a table name with NUL', { database, migrationsTable: 'a\0b' }, 'migrationsTable'],
    ['a table name of 64 bytes', { database, migrationsTable: 'x'.repeat(64) }, 'migrationsTable'],
    ['seconds as text', { database, lockTimeoutMs: '5s' }, 'lockTimeoutMs'],
    ['no time at all', { database, lockTimeoutMs: 0 }, 'lockTimeoutMs'],
    ['a negative wait', { database, lock: { waitMs: -1 } }, 'lock.waitMs'],
    ['half a millisecond', { database, lock: { waitMs: 0.5 } }, 'lock.waitMs'],
    ['another word', { database, lock: { drain: 'kill' } }, 'lock.drain'],
    ['a boolean for a word', { database, policies: { edited: true } }, 'policies.edited'],
    ['a coordinator that is none', { database, coordinator: { kind: 'x' } }, 'coordinator'],
    ['a role that is none', { database, grantTo: [''] }, 'grantTo'],
    ['one role without a list', { database, grantTo: 'app' }, 'grantTo'],
    [
      'a code migration without up',
      { database, codeMigrations: [{ name: 'a' }] },
      'codeMigrations',
    ],
    ['a marker without sql', { database, requires: [{ name: 'a' }] }, 'requires'],
    ['a listener that is none', { database, listeners: [1] }, 'listeners'],
    ['readiness upside down', { database, readiness: { checksum: 'up' } }, 'readiness.checksum'],
    [
      'a word for a boolean',
      { database, allowStartupInProduction: 'yes' },
      'allowStartupInProduction',
    ],
    ['a number as URL', { database: { dialect: 'postgresql', url: 5 } }, 'database.url'],
  ])('%s', (_name, options, option) => {
    const error = refused(options);
    expect(error).toMatchObject({ code: 'CONFIGURATION', details: { option } });
    expect(error.message).toContain(option);
  });

  it.each([
    ['both', { pollMinMs: 9, pollMaxMs: 5 }, 'lock.pollMinMs', ['(9)', '(5)']],
    ['the shorter alone', { pollMinMs: 5000 }, 'lock.pollMinMs', ['(5000)', '(1500, its default)']],
    ['the longer alone', { pollMaxMs: 100 }, 'lock.pollMaxMs', ['(400, its default)', '(100)']],
  ])('polls upside down, %s given: both values and both defaults', (_name, lock, option, words) => {
    const error = refused({ database, lock });
    expect(error).toMatchObject({ code: 'CONFIGURATION', details: { option } });
    for (const word of [...words, 'the defaults are 400 and 1500']) {
      expect(error.message).toContain(word);
    }
  });

  it.each([{ pollMinMs: 1500 }, { pollMaxMs: 400 }, { pollMinMs: 20, pollMaxMs: undefined }])(
    'polls in order are taken: %j',
    (lock) => {
      expect(resolved({ lock }).lock).toMatchObject(
        Object.fromEntries(Object.entries(lock).filter(([, value]) => value !== undefined)),
      );
    },
  );

  it('two code migrations of one name', () => {
    const one = { name: 'fill', up: async (): Promise<void> => undefined };
    expect(refused({ database, codeMigrations: [one, one] }).message).toContain('fill');
  });

  it.each([
    ['no address', { dialect: 'postgresql' }, 'CONFIGURATION'],
    ['an unset variable', { dialect: 'postgresql', url: undefined }, 'CONFIGURATION'],
    ['SQLite', { dialect: 'sqlite', url: 'file:x.db' }, 'UNSUPPORTED_DIALECT'],
    ['the wrong dialect', { dialect: 'mysql', url: URL }, 'WRONG_DIALECT'],
    [
      'a password with #',
      { dialect: 'postgresql', url: 'postgres://u:c4n4ry#x@h/d' },
      'CONFIGURATION',
    ],
  ])('%s', (_name, given, code) => {
    const error = refused({ database: given });
    expect(error).toMatchObject({ code });
    expect(inspect(error)).not.toContain('c4n4ry');
  });

  it('never repeats a value', () => {
    const secret = 'c4n4ry';
    for (const options of [
      { database: { dialect: 'postgresql', url: { secret } } },
      { database: { dialect: `postgres://me:${secret}@h/d`, url: URL } },
      { database, lock: { waitMs: secret } },
      { database, coordinator: secret },
    ]) {
      expect(inspect(refused(options), { depth: 5 })).not.toContain(secret);
    }
  });

  it('suggests the option that was meant', () => {
    expect(refused({ database, migrationTable: 'x' }).message).toContain('migrationsTable');
  });

  it('exits 64', () => {
    expect(EXIT_CODES.CONFIGURATION).toBe(64);
  });
});
