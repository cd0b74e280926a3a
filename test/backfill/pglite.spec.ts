import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import type { BackfillSpec } from '../../src/backfill/backfill.js';
import { runPass } from '../../src/backfill/run-pass.js';
import { createDatabase } from '../../src/database/create-database.js';
import { bootstrap } from '../../src/ledger/bootstrap.js';
import { resolveLedgerLocation, scopeOf } from '../../src/ledger/location.js';
import { LedgerProgressStore } from '../../src/ledger/progress-store.js';
import { createHolder } from '../../src/lock/holder.js';
import { withMigrationLock } from '../../src/lock/with-lock.js';

it('a backfill runs on PGlite, whose sessions are one, in one range', async () => {
  const client = new PGlite();
  await client.exec('create table t (id bigint primary key, n int not null)');
  await client.exec('insert into t select i, 0 from generate_series(1, 3000) i');
  const database = createDatabase({ dialect: 'postgresql', client });
  const location = resolveLedgerLocation('postgresql');
  const spec: BackfillSpec = {
    id: 'op',
    table: { schema: null, name: 't' },
    key: [{ column: 'id', type: 'bigint' }],
    keyIndex: 't_pkey',
    set: { n: 'n + 1' },
    pending: null,
    keep: [],
    rows: null,
    firesTriggers: false,
    settings: {
      onBadRow: 'stop',
      targetMs: null,
      ranges: 3,
      maxRowsPerSecond: null,
      pauseWhile: null,
    },
  };
  const signal = new AbortController().signal;
  const locked = await withMigrationLock(
    {
      database,
      location,
      holder: createHolder({ id: randomUUID(), app: 'test', startedAt: Date.now() }),
      coordinator: null,
      signal,
      scope: (session) => scopeOf(location, session.server),
      bootstrap: async (session) => {
        await bootstrap(session, location, { layout: 'journal' });
      },
      waitMs: 1000,
      pollMinMs: 10,
      pollMaxMs: 50,
      drain: 'fail',
      drainMs: 1000,
    },
    () => Promise.resolve(false),
    (lock) =>
      runPass(spec, 'backfill', {
        lock,
        store: new LedgerProgressStore(location, lock.scope),
        openWorker: () => database.connect({ role: 'runner' }),
        signal,
        emit: () => undefined,
      }),
  );
  expect(locked).toMatchObject({ ran: true, value: { rowsDone: 3000, ranges: 1 } });
  const { rows } = await client.query('select n, count(*)::int as c from t group by n');
  expect(rows).toEqual([{ n: 1, c: 3000 }]);
  await database.close();
  await client.close();
});
