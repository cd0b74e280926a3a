import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { kinds } from '../servers/index.js';
import { lockDefinition, type LockedDefinition } from './locked-definition.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const NAME = 'users-full-name';
const rename = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });

/** Issue 3: who looks at a database in which somebody else is changing tables gets an answer. */
describe.each(kinds)('a look at an operation on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  let held: LockedDefinition | null = null;

  beforeEach(async () => {
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: 'CREATE TABLE users (id int PRIMARY KEY, name varchar(100) NOT NULL)',
      },
      {
        tag: '0001_rename',
        sql: `-- @operation ${NAME} expand\nALTER TABLE users ADD COLUMN full_name varchar(100)`,
      },
    ]);
    await world.migrator().up({ to: '0000_init' });
  });
  afterEach(async () => {
    await held?.release();
    held = null;
    await world.close();
  });

  const hold = async (): Promise<void> => {
    held = await lockDefinition(dialect, world.database, 'users');
  };

  const toldOnce = expect.objectContaining({
    code: 'operation-not-looked-at',
    severity: 'warning',
    tag: '0001_rename',
    message: expect.stringMatching(new RegExp(`^${NAME}: .*locked`)),
  });

  it('says in the plan that its table was locked, and plans the phase', async () => {
    await hold();
    const { migrations, findings, refusals } = await world
      .migrator({ operations: [rename] })
      .plan();
    expect(findings).toContainEqual(toldOnce);
    expect(refusals).toEqual([]);
    expect(migrations[0]?.statements.map(({ summary }) => summary)).toEqual([
      `operation ${NAME} expand in place of statement 1 (its table could not be read)`,
    ]);
  }, 20_000);

  it('says in the status that its table was locked, beside all that could be read', async () => {
    await hold();
    const { migrations, findings, lock } = await world.migrator({ operations: [rename] }).status();
    expect(findings).toContainEqual(toldOnce);
    expect(migrations).toMatchObject([{ verdict: 'applied' }, { verdict: 'pending' }]);
    expect(lock.state).toBe('free');
  }, 20_000);
});
