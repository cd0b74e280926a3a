import { MigratorError } from '../../src/index.js';
import { kinds } from '../servers/index.js';
import { ledgerCount, migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';

describe.each(kinds)('SIGTERM during a migration on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  const sleep = dialect === 'postgresql' ? 'SELECT pg_sleep(60)' : 'DO sleep(60)';
  beforeEach(async () => {
    world = await migratorWorld(server, [
      { tag: '0000_init', sql: 'CREATE TABLE t (id int PRIMARY KEY);' },
      {
        tag: '0001_slow',
        sql: `CREATE TABLE s (id int);--> statement-breakpoint\nINSERT INTO t VALUES (1);--> statement-breakpoint\n${sleep};--> statement-breakpoint\nINSERT INTO t VALUES (2);`,
      },
    ]);
  });
  afterEach(() => world.close());

  it('cancels, records, releases, and the next run goes on', async () => {
    const migrator = world.migrator();
    const stop = new AbortController();
    const run = migrator.up({ signal: stop.signal }).catch((reason: unknown) => reason);
    await migrator.seen((event) => event.type === 'statement.started' && event.statement === 3);
    stop.abort(
      new MigratorError('INTERRUPTED_SIGTERM', {
        message: 'Stopped by SIGTERM.',
        remedy: 'nest-migrate up',
      }),
    );
    expect(await run).toMatchObject({ code: 'INTERRUPTED_SIGTERM', exitCode: 143 });
    expect(await ledgerCount(world)).toBe(1);
    const status = await migrator.status();
    expect(status.lock.session).toBeNull();
    expect(status.migrations[1]?.attempt).toMatchObject({
      state: 'interrupted',
      errorCode: 'INTERRUPTED_SIGTERM',
      inFlight: null,
    });

    await world.journal.edit(
      '0001_slow',
      `CREATE TABLE s (id int);--> statement-breakpoint\nINSERT INTO t VALUES (1);--> statement-breakpoint\nSELECT 1;--> statement-breakpoint\nINSERT INTO t VALUES (2);`,
    );
    await migrator.up();
    expect(await world.database.query('SELECT id FROM t ORDER BY id')).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
  });
});
