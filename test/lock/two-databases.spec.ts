import { describe, expect, it } from '@jest/globals';
import { mysqlLockName } from '../../src/lock/scope.js';
import { kinds } from '../servers/index.js';
import { LockWorld } from './lock-world.js';

describe.each(kinds)('two databases of one server on $name', ({ server }) => {
  it('do not block each other, although MySQL lock names are server-wide', async () => {
    const [one, other] = await Promise.all([LockWorld.create(server), LockWorld.create(server)]);
    const holding = await one.hold();

    await expect(other.run(() => Promise.resolve('ran'), { waitMs: 0 })).resolves.toMatchObject({
      value: 'ran',
    });
    holding.release();
    await holding.ended;
    await Promise.all([one.end(), other.end()]);
  });
});

describe.each(['mysql', 'mariadb'] as const)('the lock name on %s', (server) => {
  it('is accepted however long the names behind it are', async () => {
    const world = await LockWorld.create(server, 't'.repeat(64));
    const session = await world.session();
    const [row] = await session.query<{ ok: string }>('select cast(get_lock(?, 0) as char) as ok', [
      mysqlLockName(world.scope),
    ]);
    expect(row?.ok).toBe('1');
    await world.end();
  });
});
