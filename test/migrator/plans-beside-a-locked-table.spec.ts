import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import { databases } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

const NAME = 'users-full-name';
const rename = renameColumn(NAME, { table: 'users', from: 'name', to: 'full_name' });

/** Issue 3: who looks at a database in which somebody else is changing tables gets an answer. */
describe.each(databases)('a look at an operation on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  const sessions: Session[] = [];

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
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await world.close();
  });

  const open = async (): Promise<Session> => {
    const session = await createDatabase({ dialect, url: world.database.url }).connect({
      role: 'runner',
    });
    sessions.push(session);
    return session;
  };

  /** Holds what reading the table's definition needs, until the test is over. */
  async function lockDefinition(): Promise<void> {
    const holder = await open();
    if (dialect === 'postgresql') {
      await holder.execute('BEGIN; LOCK TABLE pg_catalog.pg_trigger IN ACCESS EXCLUSIVE MODE');
      return;
    }
    // A RENAME that waits for its second table has its first one for itself.
    await world.database.query('CREATE TABLE zz_read (id int)');
    await holder.query('START TRANSACTION');
    await holder.query('SELECT * FROM zz_read');
    const renamer = await open();
    await renamer.query('SET SESSION lock_wait_timeout = 60');
    void renamer
      .execute('RENAME TABLE users TO users_moved, zz_read TO zz_moved')
      .catch(() => null);
    for (;;) {
      const waiting = await world.database.query(
        `SELECT 1 FROM information_schema.processlist WHERE id = ${renamer.backendId} AND state LIKE 'Waiting for table metadata lock'`,
      );
      if (waiting.length > 0) return;
    }
  }

  const toldOnce = expect.objectContaining({
    code: 'operation-not-looked-at',
    severity: 'warning',
    tag: '0001_rename',
    message: expect.stringMatching(new RegExp(`^${NAME}: .*locked`)),
  });

  it('says in the plan that its table was locked, and plans the phase', async () => {
    await lockDefinition();
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
    await lockDefinition();
    const { migrations, findings, lock } = await world.migrator({ operations: [rename] }).status();
    expect(findings).toContainEqual(toldOnce);
    expect(migrations).toMatchObject([{ verdict: 'applied' }, { verdict: 'pending' }]);
    expect(lock.state).toBe('free');
  }, 20_000);
});
