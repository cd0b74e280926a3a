import { isMigratorError } from '../../src/index.js';
import { kinds } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';

const HEAD =
  'CREATE TABLE t (id int);--> statement-breakpoint\nINSERT INTO t VALUES (1);--> statement-breakpoint\n';
const TAIL = 'CREATE TABLE z (id int);';

/** Postgres needs a reason not to be one transaction. */
const migration = (dialect: string, head: string, third: string): string =>
  `${dialect === 'postgresql' ? '-- @transaction off\n' : ''}${head}${third};--> statement-breakpoint\n${TAIL}`;

describe.each(kinds)('a half-applied file on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  const write = (head: string, third: string): Promise<void> =>
    world.journal.edit('0000_half', migration(dialect, head, third));
  const rows = (): Promise<unknown[]> => world.database.query('SELECT id FROM t');

  beforeEach(async () => {
    world = await migratorWorld(server, [
      { tag: '0000_half', sql: migration(dialect, HEAD, 'ALTER TABLE nowhere ADD COLUMN b int') },
    ]);
    const failure: unknown = await world
      .migrator()
      .up()
      .catch((error: unknown) => error);
    if (!isMigratorError(failure) || failure.place.statement !== 3) throw failure;
  });
  afterEach(() => world.close());

  it.each([
    ['an applied statement was changed', HEAD.replace('id int', 'id bigint'), 1],
    [
      'one was put between',
      HEAD.replace('INSERT', 'CREATE TABLE y (id int);--> statement-breakpoint\nINSERT'),
      2,
    ],
    ['one was taken out', 'CREATE TABLE t (id int);--> statement-breakpoint\n', 2],
  ])('is not gone on with when %s', async (_what, head, statement) => {
    await write(head, 'ALTER TABLE t ADD COLUMN b int');
    await expect(world.migrator().up()).rejects.toMatchObject({
      code: 'EDITED',
      exitCode: 4,
      place: { migration: '0000_half', statement },
    });
    expect(await rows()).toHaveLength(1);
  });

  it('is gone on with when only what follows was changed, or a comment', async () => {
    await write(`-- mended\n${HEAD}`, 'ALTER TABLE t ADD COLUMN b int');
    const { applied } = await world.migrator().up();
    expect(applied).toMatchObject([{ tag: '0000_half', resumedFrom: 2 }]);
    expect(await rows()).toHaveLength(1);
  });

  it('begins anew when its effects were undone by hand and that is on record', async () => {
    await world.database.query('DROP TABLE t');
    await write(
      'CREATE TABLE t (id bigint);--> statement-breakpoint\n',
      'INSERT INTO t VALUES (5)',
    );
    const migrator = world.migrator();
    await migrator.repair('0000_half', 'rolled-back', { reason: 'dropped t by hand' });
    expect((await migrator.up()).applied).toMatchObject([{ resumedFrom: 0 }]);
    expect(await rows()).toHaveLength(1);
  });

  it('is named when its entry has left the folder', async () => {
    await world.journal.remove();
    const other = await migratorWorld(server, [{ tag: '0000_other', sql: TAIL }]);
    const { findings } = await world.migrator({ migrations: other.journal.folder }).plan();
    await other.close();
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'half-applied-and-gone', tag: '0000_half' }),
    );
  });
});

describe.each(kinds)('a migration that is being applied on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  afterEach(() => world.close());

  it('is in progress for those who look, and no leftover', async () => {
    const slow = dialect === 'postgresql' ? 'SELECT pg_sleep(60)' : 'DO sleep(60)';
    world = await migratorWorld(server, [
      { tag: '0000_slow', sql: migration(dialect, HEAD, slow) },
    ]);
    const runner = world.migrator();
    const stop = new AbortController();
    const run = runner.up({ signal: stop.signal }).catch((error: unknown) => error);
    await runner.seen((event) => event.type === 'statement.started' && event.statement === 3);

    const looking = world.migrator();
    const plan = await looking.plan();
    expect(plan).toMatchObject({ refusals: [], migrations: [], requiredPending: true });
    expect(plan.findings).toContainEqual(expect.objectContaining({ code: 'in-progress' }));
    await expect(looking.wait({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'WAIT_TIMEOUT' });

    stop.abort(new Error('the test has seen enough'));
    await run;
  });
});
