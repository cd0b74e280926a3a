import { expect, it } from '@jest/globals';
import { withSameFlags } from '../../src/cli/output/same-flags.js';
import { MigratorError } from '../../src/errors.js';

const failed = new MigratorError('MIGRATION_FAILED', {
  message: 'It failed.',
  place: { migration: '0001_a' },
  state: 'The rest stays; "nest-migrate up" goes on.',
  driver: { code: '42701' },
  details: { attempt: 1 },
  remedy: 'nest-migrate repair 0001_a applied --reason "..."; then run nest-migrate up again.',
});

it('commands that are advised name the same database and ledger as the one that was typed', () => {
  const { remedy, state, ...rest } = withSameFlags(failed, {
    logFormat: 'text',
    json: true,
    config: 'packages/my db/drizzle.config.ts',
    url: 'env:OPS_URL',
    folder: "it's",
    migrationsSchema: 'ops',
    migrationsTable: 'm',
    grantTo: ['app', 'reports'],
  }).toJSON();
  const flags = String.raw`--config 'packages/my db/drizzle.config.ts' --url env:OPS_URL --migrations 'it'\''s' --migrations-table m --migrations-schema ops --grant-to app,reports`;
  expect(remedy).toBe(
    `nest-migrate repair ${flags} 0001_a applied --reason "..."; then run nest-migrate up ${flags} again.`,
  );
  expect(state).toBe(`The rest stays; "nest-migrate up ${flags}" goes on.`);
  const { remedy: _remedy, state: _state, ...unchanged } = failed.toJSON();
  expect(rest).toEqual(unchanged);
});

it('a URL that was typed is not repeated', () => {
  const error = withSameFlags(failed, {
    logFormat: 'text',
    url: 'postgresql://me:canary@db/app',
    migrationUrl: 'postgresql://me:canary@direct/app',
  });
  expect(JSON.stringify(error)).not.toContain('canary');
  expect(error.remedy).toContain(
    'nest-migrate up --url <the same> --migration-url <the same> again',
  );
});

it('without such flags an error is as it was', () => {
  expect(withSameFlags(failed, { logFormat: 'json', quiet: true })).toBe(failed);
});
