import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { kinds } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const NAME = 'users-full-name';
const rename = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });

/** Nothing was dropped: what counts rows only is not the point of no return. */
describe.each(kinds)('a contract that rows refuse on $name', ({ server, dialect }) => {
  let world: MigratorWorld;

  beforeEach(async () => {
    const calls = ['expand', 'backfill', 'verify'].map((phase) => `-- @operation ${NAME} ${phase}`);
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(100) NOT NULL)',
      },
      { tag: '0001_begin', sql: calls.join('\n') },
      { tag: '0002_contract', sql: `-- @operation ${NAME} contract` },
    ]);
    await world.migrator().up({ to: '0000_init' });
    await world.database.query(`INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')`);
    await world.migrator({ operations: [rename] }).up({ to: '0001_begin' });
    await writePastTheTrigger();
  });
  afterEach(() => world.close());

  const WRITE = `UPDATE users SET name = 'Ada L.' WHERE id = 1`;

  async function writePastTheTrigger(): Promise<void> {
    if (dialect === 'postgresql') {
      await world.database.query(`SET session_replication_role = replica; ${WRITE}`);
      return;
    }
    const triggers = await world.database.query<{ readonly name: string }>(
      `SELECT trigger_name AS name FROM information_schema.triggers
        WHERE event_object_schema = '${world.database.name}' AND event_manipulation = 'UPDATE'`,
    );
    const created: string[] = [];
    for (const { name } of triggers) {
      const [row] = await world.database.query<Record<string, string>>(
        `SHOW CREATE TRIGGER ${name}`,
      );
      created.push(row?.['SQL Original Statement'] ?? '');
      await world.database.query(`DROP TRIGGER ${name}`);
    }
    await world.database.query(WRITE);
    for (const sql of created) await world.database.query(sql);
  }

  const refused = async (): Promise<unknown> =>
    world
      .migrator({ operations: [rename] })
      .up()
      .catch((error: unknown) => error);

  it('stays verified, and can be taken back', async () => {
    expect(await refused()).toMatchObject({
      code: 'ROWS_IN_THE_WAY',
      details: { pending: 1, sample: [['1']] },
    });
    const migrator = world.migrator({ operations: [rename] });
    expect(await migrator.operations.list()).toMatchObject([{ state: 'verified' }]);
    expect(await migrator.operations.undo(NAME)).toMatchObject({ from: 'verified' });
    expect(await world.database.query('SELECT * FROM users ORDER BY id')).toEqual([
      { id: 1, name: 'Ada L.' },
      { id: 2, name: 'Grace' },
    ]);
  });

  it('counts again when an earlier one had begun, and goes through once the rows are right', async () => {
    const table =
      dialect === 'postgresql' ? 'drizzle.migration_operations' : 'migration_operations';
    await world.database.query(`UPDATE ${table} SET state = 'contracting'`);
    expect(await refused()).toMatchObject({ code: 'ROWS_IN_THE_WAY', details: { pending: 1 } });
    await world.database.query('UPDATE users SET full_name = name');
    const { applied } = await world.migrator({ operations: [rename] }).up();
    expect(applied.map(({ tag }) => tag)).toEqual(['0002_contract']);
    expect(await world.database.query('SELECT * FROM users ORDER BY id')).toEqual([
      { id: 1, full_name: 'Ada L.' },
      { id: 2, full_name: 'Grace' },
    ]);
  });
});
