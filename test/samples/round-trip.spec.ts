import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createMigrator } from '../../src/index.js';
import { expectRoundTrip } from '../../src/testing/index.js';
import { kinds, servers } from '../servers/index.js';

const SAMPLES = resolve(import.meta.dirname, '../../samples');
const FOLDERS = { postgresql: 'postgres', mysql: 'mysql' } as const;

/** Issue 4: up, down, up over every migration of both samples gives equal schemas. */
describe.each(kinds)('the journal of the sample on $name', ({ server, dialect }) => {
  const migrations = join(SAMPLES, FOLDERS[dialect], 'drizzle');

  it('goes up, down and up again, migration by migration', async () => {
    const { url } = await servers[server]();
    const { checked, skipped } = await expectRoundTrip({ url, migrations, everyMigration: true });
    expect(skipped).toEqual([]);
    expect(checked).toHaveLength(dialect === 'mysql' ? 9 : 8);
  }, 120_000);

  it('is not reverted past its contract where there are data', async () => {
    const database = await (await servers[server]()).createDatabase();
    const options = { database: { dialect, url: database.url }, migrations };
    const first = createMigrator(options);
    const [last] = (await first.status()).migrations.toReversed();
    await first.up();
    await expect(first.down({ to: null })).rejects.toMatchObject({
      code: 'NO_WAY_BACK',
      place: { migration: last?.tag },
    });
    await first.close();
    await database.drop();
  }, 60_000);
});
