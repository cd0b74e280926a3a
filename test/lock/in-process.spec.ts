import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import { withTransaction } from '../../src/database/with-transaction.js';
import { bootstrap } from '../../src/ledger/bootstrap.js';
import { createHolder } from '../../src/lock/holder.js';
import { inspectLock } from '../../src/lock/inspect.js';
import type { HeldLock } from '../../src/lock/lock.js';
import { lockScope } from '../../src/lock/scope.js';
import { withMigrationLock, type LockedResult } from '../../src/lock/with-lock.js';
import { until } from '../waiting/until.js';

describe('the lock of a database inside this process (PGlite)', () => {
  const location = { schema: 'drizzle', table: '__drizzle_migrations' };
  let instance: PGlite;
  beforeAll(async () => {
    instance = new PGlite();
    await instance.waitReady;
  });
  afterAll(() => instance.close());

  /** Each runner has a database value of its own, as two migrators of one application have. */
  function run<T>(
    body: (held: HeldLock) => Promise<T>,
    options: { readonly waitMs?: number; readonly onWait?: () => void } = {},
    recheck: () => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<LockedResult<T>> {
    const database = createDatabase({ dialect: 'postgresql', client: instance });
    return withMigrationLock(
      {
        database,
        location,
        holder: createHolder({ id: crypto.randomUUID(), app: 'test', startedAt: Date.now() }),
        coordinator: null,
        signal: new AbortController().signal,
        scope: (session) => lockScope(location, session.server),
        bootstrap: async (session) => {
          await bootstrap(session, location, { layout: 'journal' });
        },
        waitMs: 20_000,
        pollMinMs: 1,
        pollMaxMs: 10,
        drain: 'wait',
        drainMs: 1000,
        ...options,
      },
      recheck,
      body,
    );
  }

  it('serialises runs of one process and still raises and checks the fence', async () => {
    let inside = 0;
    let most = 0;
    const results = await Promise.all(
      [1, 2, 3].map(() =>
        run(async (held) => {
          most = Math.max(most, ++inside);
          await withTransaction(held.session, {}, () => held.checkFence(held.session));
          inside--;
          return held.fence;
        }),
      ),
    );

    expect(most).toBe(1);
    expect(new Set(results.map((result) => result.ran && result.value))).toEqual(
      new Set(['1', '2', '3']),
    );
  });

  it('refuses the writes of a run whose number was taken', async () => {
    await run(async (held) => {
      await instance.query('update drizzle.migration_lock set fence = fence + 1');
      await expect(held.checkFence(held.session)).rejects.toMatchObject({ code: 'FENCED' });
    });
  });

  it('lets a waiter leave when the run before it did the work', async () => {
    let done = false;
    let waits = false;
    const first = run(async () => {
      await until('the second waits', () => waits);
      done = true;
    });
    const second = run(
      () => Promise.reject(new Error('the work must not be repeated')),
      {
        onWait: () => {
          waits = true;
        },
      },
      () => Promise.resolve(done),
    );

    await first;
    expect(await second).toMatchObject({ ran: false, reason: 'already-current' });
  });

  it('is free again after a body that failed in a transaction, and does not stay held for an impatient one', async () => {
    const failing = run(async (held) => {
      await expect(run(() => Promise.resolve(), { waitMs: 0 })).rejects.toMatchObject({
        code: 'LOCK_WAIT_TIMEOUT',
      });
      await held.session.query('BEGIN');
      throw new Error('broken');
    });

    await expect(failing).rejects.toThrow('broken');
    await expect(run(() => Promise.resolve('next'), { waitMs: 0 })).resolves.toMatchObject({
      value: 'next',
    });
    const session = await createDatabase({ dialect: 'postgresql', client: instance }).connect({
      role: 'reader',
    });
    expect(await inspectLock(session, lockScope(location, session.server), location)).toMatchObject(
      { held: false, holder: null, crashed: null },
    );
  });
});
