import { afterEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const NAME = 'users-full-name';

/** Undo drops a column: by another definition it would be a column of the user's. */
describe.each(['postgres18', 'mysql', 'mariadb'] as const)('undo on %s', (server) => {
  let world: MigratorWorld;
  afterEach(() => world.close());

  async function expanded(): Promise<void> {
    const text = server === 'postgres18' ? 'text' : 'varchar(100)';
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: `CREATE TABLE users (id int PRIMARY KEY, name ${text} NOT NULL, email ${text})`,
      },
      {
        tag: '0001_expand',
        sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name ${text}`,
      },
    ]);
    await world.migrator().up({ to: '0000_init' });
    await world.database.query(`INSERT INTO users VALUES (1, 'Ada', 'ada@example.org')`);
    await world.migrator({ operations: [definition('full_name')] }).up();
  }

  const definition = (to: string) => renameColumn(NAME, { table: 'users', from: 'name', to });

  it('by a definition that names another column touches nothing', async () => {
    await expanded();
    const changed = world.migrator({ operations: [definition('email')] });
    await expect(changed.operations.undo(NAME)).rejects.toMatchObject({
      code: 'OPERATION_CHANGED',
      exitCode: 4,
      remedy: expect.not.stringContaining('undo') as unknown,
    });
    expect(await world.database.query('SELECT name, email FROM users')).toEqual([
      { name: 'Ada', email: 'ada@example.org' },
    ]);
    expect(await changed.operations.list()).toMatchObject([
      { state: 'expanded', definition: 'changed' },
    ]);
  });

  it('by the one that it was begun with takes it back', async () => {
    await expanded();
    const same = world.migrator({ operations: [definition('full_name')] });
    expect(await same.operations.undo(NAME)).toMatchObject({ from: 'expanded' });
    expect(await world.database.query('SELECT * FROM users')).toEqual([
      { id: 1, name: 'Ada', email: 'ada@example.org' },
    ]);
  });
});
