import { afterEach, describe, expect, it } from '@jest/globals';
import { renameColumn } from '../../src/index.js';
import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import { databases } from '../servers/index.js';
import { application, type Application } from './two-versions/applications.js';
import { until } from '../waiting/until.js';
import { Writer, type Versions } from './two-versions/writer.js';

const NAME = 'people-full-name';
const WRITERS = 4;
/** Steps that are taken, by all writers together, while nothing else happens, in each phase. */
const STEPS = 400;

/** Issue 3: two versions of an application write at once, through all phases, and a model predicts every row. */
describe.each(databases)('two versions write through a rename on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  const opened: Application[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await world.close();
  });
  // MariaDB's own default has no room for every character.
  const text =
    dialect === 'mysql' ? 'varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci' : 'text';
  const CUT = '\n--> statement-breakpoint\n';

  async function open(column: 'name' | 'full_name'): Promise<Application> {
    const one = await application(world.database.url, column);
    opened.push(one);
    return one;
  }

  it('and every row holds what was written last, by whichever', async () => {
    const seed = Math.floor(Math.random() * 2 ** 30);
    world = await migratorWorld(server, [
      {
        tag: '0000_init',
        sql: `CREATE TABLE people (id int PRIMARY KEY, name ${text} NOT NULL, visits int NOT NULL)`,
      },
      {
        tag: '0001_expand',
        sql: `-- @operation ${NAME} expand\nALTER TABLE people ADD COLUMN full_name ${text}`,
      },
      {
        tag: '0002_backfill',
        sql: `SELECT 1;${CUT}-- @operation ${NAME} backfill\n-- @operation ${NAME} verify\n`,
      },
      {
        tag: '0003_contract',
        sql: `-- @operation ${NAME} contract\nALTER TABLE people DROP COLUMN name;${CUT}-- @online\n${
          dialect === 'mysql'
            ? `ALTER TABLE people MODIFY COLUMN full_name ${text} NOT NULL`
            : 'ALTER TABLE people ALTER COLUMN full_name SET NOT NULL'
        }`,
      },
    ]);
    const rename = renameColumn(NAME, { table: 'people', from: 'name', to: 'full_name' });
    const migrator = world.migrator({ operations: [rename] });
    await migrator.up({ to: '0000_init' });
    const writers = await Promise.all(
      Array.from({ length: WRITERS }, async (_, number) => {
        const applications = { old: await open('name'), new: await open('full_name') };
        return new Writer(number, applications, seed + number);
      }),
    );
    const steps = (): number => writers.reduce((total, writer) => total + writer.steps, 0);
    let over = false;
    const running = Promise.all(writers.map((writer) => writer.run()));
    const meanwhile = async (work: () => Promise<unknown>, versions?: Versions): Promise<void> => {
      if (versions !== undefined) for (const writer of writers) writer.versions = versions;
      const enough = steps() + STEPS;
      await Promise.race([running, work()]);
      await Promise.race([
        running,
        until(`${STEPS} more steps`, () => steps() >= enough || over, 120_000),
      ]);
    };
    const nothing = (): Promise<unknown> => Promise.resolve();
    try {
      await meanwhile(nothing, 'old');
      await meanwhile(() => migrator.up({ to: '0001_expand' }));
      await meanwhile(nothing, 'both');
      await meanwhile(() => migrator.up({ to: '0002_backfill' }));
      // The old version is gone before what it needs is.
      await meanwhile(nothing, 'new');
      await meanwhile(() => migrator.up());
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    } finally {
      over = true;
      for (const writer of writers) writer.stop();
      await running.catch(() => undefined);
    }
    await running;
    const order = (one: { id: number }, other: { id: number }): number => one.id - other.id;
    const predicted = writers.flatMap(({ model }) => [...model.values()]).toSorted(order);
    const found = await world.database.query<{ id: number }>(
      'SELECT id, full_name AS name, visits FROM people',
    );
    expect({ seed, rows: found.toSorted(order) }).toEqual({ seed, rows: predicted });
    expect(steps()).toBeGreaterThan(6 * STEPS - 1);
  });
});
