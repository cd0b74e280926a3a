import { afterEach, describe, expect, it } from '@jest/globals';
import { backfill } from '../../src/index.js';
import { kinds } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

describe.each(kinds)('a backfill that is finished on $name', ({ server }) => {
  let world: MigratorWorld;
  afterEach(() => world.close());

  it.each(['pause', 'cancel'] as const)(
    'is left alone by %s, and so is what comes after it',
    async (verb) => {
      world = await migratorWorld(server, [
        { tag: '0000_init', sql: 'CREATE TABLE t (id int PRIMARY KEY, n int)' },
        { tag: '0001_rows', sql: '-- @operation ones backfill\n' },
        { tag: '0002_count', sql: '-- @operation ones verify\n' },
      ]);
      const ones = backfill('ones', { table: 't', set: { n: '1' }, where: 'n is null' });
      const migrator = world.migrator({ operations: [ones] });
      await migrator.up({ to: '0000_init' });
      await world.database.query('INSERT INTO t (id) VALUES (1), (2)');
      await migrator.up({ to: '0001_rows' });
      expect(await migrator.backfills[verb]('ones')).toMatchObject([
        { pass: 'backfill', state: 'finished', want: 'run' },
      ]);
      expect(await migrator.up()).toMatchObject({
        outcome: 'applied',
        applied: [{ tag: '0002_count' }],
      });
    },
    20_000,
  );
});
