import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import { looksPooled } from '../../src/database/pooler.js';
import { servers, startPgBouncer, type TestDatabase } from '../servers/index.js';
import { refusal } from './canary.js';

describe('behind PgBouncer', () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await (await servers.postgres18()).createDatabase();
  });
  afterAll(() => test.drop());

  it('in transaction mode a runner is refused, quiet as the pooler may be, and nothing of it stays there', async () => {
    const url = (await servers.pgbouncer('transaction')).through(test.url);
    const error = await refusal(
      'POOLER_DETECTED',
      createDatabase({ dialect: 'postgresql', url }).connect({ role: 'runner' }),
    );
    expect(error.remedy).toContain('migrationUrl');
    const reader = await createDatabase({ dialect: 'postgresql', url }).connect({ role: 'reader' });
    const rows = await reader.query(
      `SELECT name FROM pg_settings WHERE source = 'session' AND name LIKE '%timeout%'`,
    );
    expect(rows).toEqual([]);
    await reader.close();
  });

  it('in transaction mode with a single server connection a runner is refused', async () => {
    const target = (await servers.postgres18()).url;
    const pooler = await startPgBouncer({
      mode: 'transaction',
      target,
      settings: { default_pool_size: '1' },
    });
    try {
      const url = pooler.through(test.url);
      expect(
        await refusal(
          'POOLER_DETECTED',
          createDatabase({ dialect: 'postgresql', url }).connect({ role: 'runner' }),
        ),
      ).toMatchObject({ code: 'POOLER_DETECTED' });
    } finally {
      await pooler.stop();
    }
  });

  it('in transaction mode a reader works', async () => {
    const url = (await servers.pgbouncer('transaction')).through(test.url);
    const reader = await createDatabase({ dialect: 'postgresql', url }).connect({ role: 'reader' });
    expect(reader.server.database).toBe(test.name);
    expect(await reader.query('SELECT $1::text AS v', ['x'])).toEqual([{ v: 'x' }]);
    await reader.close();
  });

  it('in transaction mode a runner works by its migrationUrl', async () => {
    const url = (await servers.pgbouncer('transaction')).through(test.url);
    const database = createDatabase({ dialect: 'postgresql', url, migrationUrl: test.url });
    const runner = await database.connect({ role: 'runner' });
    expect(runner.server.database).toBe(test.name);
    await runner.close();
  });

  it('in session mode a runner works and has its settings', async () => {
    const url = (await servers.pgbouncer('session')).through(test.url);
    const database = createDatabase({ dialect: 'postgresql', url });
    for (const applicationName of ['nest-migrate:one', 'nest-migrate:two']) {
      const runner = await database.connect({ role: 'runner', applicationName });
      const [row] = await runner.query(
        `SELECT current_setting('application_name') AS name, current_setting('client_connection_check_interval') AS check`,
      );
      expect(row).toEqual({ name: applicationName, check: '1s' });
      await runner.close();
    }
  });

  it('in session mode without a second connection to spare a runner works', async () => {
    const target = (await servers.postgres18()).url;
    const pooler = await startPgBouncer({
      mode: 'session',
      target,
      settings: { default_pool_size: '1' },
    });
    try {
      const url = pooler.through(test.url);
      const runner = await createDatabase({ dialect: 'postgresql', url }).connect({
        role: 'runner',
      });
      expect(runner.server.database).toBe(test.name);
      await runner.close();
    } finally {
      await pooler.stop();
    }
  });
});

describe('an address', () => {
  it.each([
    ['postgres://h:6432/d', { port: 6432 }, true],
    ['postgres://h/d?pgbouncer=true', { host: 'h' }, true],
    [null, { host: 'ep-cool-1-pooler.eu-central-1.aws.neon.tech' }, true],
    [null, { host: 'aws-0-eu.pooler.supabase.com', port: 5432 }, true],
    [null, { host: 'db.proxy-abc123.eu-west-1.rds.amazonaws.com' }, true],
    ['postgres://h/d', { host: 'h', port: 5432 }, false],
  ])('%s %j looks pooled: %s', (url, settings, expected) => {
    expect(looksPooled({ url, settings })).toBe(expected);
  });
});
