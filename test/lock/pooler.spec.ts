import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { servers } from '../servers/index.js';
import { LockWorld } from './lock-world.js';

describe('a pooler between runner and Postgres', () => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await LockWorld.create('postgres18');
  });
  afterAll(() => world.end());

  it('is refused in transaction mode, before anything is changed', async () => {
    const pooler = await servers.pgbouncer('transaction');

    await expect(
      world.run(() => Promise.resolve(), {
        database: world.database(pooler.through(world.admin.url)),
      }),
    ).rejects.toMatchObject({ code: 'POOLER_DETECTED', exitCode: 64 });
    expect(await world.admin.query(`select 1 from pg_namespace where nspname = 'drizzle'`)).toEqual(
      [],
    );
  });

  it('carries the lock in session mode', async () => {
    const pooler = await servers.pgbouncer('session');

    await expect(
      world.run(
        async (held) => {
          await held.checkFence(held.session);
          return held.fence;
        },
        { database: world.database(pooler.through(world.admin.url)) },
      ),
    ).resolves.toMatchObject({ ran: true });
  });
});
