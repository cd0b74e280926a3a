import { kinds } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import { holdTable } from './table-holder.js';

describe.each(kinds)('a table that is held on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  beforeEach(async () => {
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: 'CREATE TABLE hot (id int PRIMARY KEY);--> statement-breakpoint\nINSERT INTO hot VALUES (7);',
      },
      { tag: '0001_alter', sql: 'ALTER TABLE hot ADD COLUMN note varchar(9);' },
    ]);
    await world.migrator().up({ to: '0000_init' });
  });
  afterEach(() => world.close());

  it('is tried again until it is free, and readers never queue behind us for long', async () => {
    const holder = await holdTable(dialect, world.database.url, 'hot');
    const migrator = world.migrator({ lockTimeoutMs: 200 });
    const run = migrator.up();
    await migrator.seen(
      (event) =>
        event.type === 'statement.blocked' && event.blockers.some(({ pid }) => pid === holder.pid),
    );
    await holder.release();
    expect((await run).applied.map(({ tag }) => tag)).toEqual(['0001_alter']);
  });

  it('ends the ladder with the sessions in the way, and without their queries', async () => {
    const holder = await holdTable(dialect, world.database.url, 'hot');
    const migrator = world.migrator({ lockTimeoutMs: 200, lockLadderMs: 1 });
    const error: unknown = await migrator.up().catch((reason: unknown) => reason);
    await holder.release();
    expect(error).toMatchObject({
      code: 'LOCK_TIMEOUT',
      exitCode: 3,
      place: { migration: '0001_alter', statement: 1 },
    });
    expect(JSON.stringify(error)).toContain(`"pid":"${holder.pid}"`);
    expect(JSON.stringify(error)).not.toContain('holder-canary');
    expect((await migrator.up()).applied.map(({ tag }) => tag)).toEqual(['0001_alter']);
  });
});
