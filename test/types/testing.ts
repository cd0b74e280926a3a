// Not run: `npm run typecheck` reads it. A line under @ts-expect-error that compiles after all fails it.
import type { Migrator } from '../../src/index.js';
import {
  createTestDatabase,
  expectNoDrift,
  expectOldBuildWorks,
  type MigratedTestDatabase,
  type TestDatabase,
} from '../../src/testing/index.js';
import { same } from './same.js';

const url = 'postgresql://h/d';
const migrations = './drizzle';

/** With a folder there is a migrator, without there is none. */
export async function databases(): Promise<void> {
  const migrated = await createTestDatabase({ url, migrations, to: null });
  same<typeof migrated, MigratedTestDatabase>(true);
  same<typeof migrated.migrator, Migrator>(true);
  const empty = await createTestDatabase({ url });
  same<typeof empty, TestDatabase>(true);
  // @ts-expect-error nothing to migrate
  void empty.migrator;
  // @ts-expect-error the kit decides which database it is
  await createTestDatabase({ url, migrations, migrator: { database: { dialect: 'mysql', url } } });
}

/** What may be compared, and with what. */
export async function expectations(): Promise<void> {
  await expectNoDrift({ config: 'drizzle.config.ts', migrations });
  await expectNoDrift({ schema: {}, dialect: 'mysql', migrations, casing: 'snake_case' });
  // @ts-expect-error a schema is of a dialect
  await expectNoDrift({ schema: {}, migrations });
  await expectOldBuildWorks({ url, migrations, from: { tag: '0001_a' }, suite: async () => {} });
  await expectOldBuildWorks({
    url,
    migrations,
    from: { migrations: new URL('../old/drizzle', import.meta.url) },
    suite: { command: 'npm', args: ['test'] },
  });
  // @ts-expect-error a tag, or a folder
  await expectOldBuildWorks({ url, migrations, from: '0001_a', suite: async () => {} });
}
