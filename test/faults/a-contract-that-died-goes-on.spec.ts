import { afterEach, describe, expect, it } from '@jest/globals';
import { changeColumnType, renameColumn, tightenNotNull, type Operation } from '../../src/index.js';
import { cuttingProxy, type Cut } from './cutting-proxy.js';
import { each } from '../faults/crash-points.js';
import type { JournalMigration } from '../journals/write-journal.js';
import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';

const TABLE = `CREATE TABLE users (
  id int PRIMARY KEY,
  name varchar(40) COMMENT 'how they are called',
  code char(4) NOT NULL DEFAULT 'none',
  UNIQUE KEY by_name (name), KEY by_code (code))`;
const CALLS = ['expand', 'backfill', 'verify']
  .map((phase) => `-- @operation op ${phase}\n`)
  .join('');

/** An operation on {@link TABLE}, and every place in its contract at which the runner's session may go. */
interface Dying {
  readonly name: string;
  readonly operation: Operation;
  /** What the last release covers with the contract. */
  readonly covered: string;
  readonly cuts: readonly Cut[];
  /** Before expand. */
  readonly first?: string;
}

const before = (sql: string): Cut => ({ when: 'before', sql });
const behind = (sql: string): Cut => ({ when: 'behind', sql });

const RENAME = renameColumn('op', { table: 'users', from: 'name', to: 'full_name' });

const DROP_OLD: Dying = {
  name: 'a rename that drops the old column',
  operation: RENAME,
  covered: 'ALTER TABLE users DROP COLUMN name;',
  cuts: [
    behind('DROP INDEX'),
    behind('LOCK TABLES `users`'),
    behind('DROP TRIGGER'),
    before('DROP COLUMN'),
    behind('DROP COLUMN'),
  ],
};
const NEW_TYPE: Dying = {
  name: 'another type, with a collation of its own',
  operation: changeColumnType('op', {
    table: 'users',
    column: 'code',
    to: 'varchar(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  }),
  covered:
    "ALTER TABLE users MODIFY COLUMN code varchar(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'none';",
  cuts: [
    behind('_i0`'),
    behind('NOT NULL, ALGORITHM'),
    behind('DROP INDEX'),
    behind('DROP COLUMN'),
    behind('DEFAULT'),
  ],
};
const DYING: readonly Dying[] = [
  DROP_OLD,
  {
    name: 'a rename that swaps',
    operation: RENAME,
    covered: 'ALTER TABLE users RENAME COLUMN name TO full_name;',
    cuts: [behind('DROP TRIGGER'), behind('DROP COLUMN')],
  },
  {
    name: 'a rename that others refer to',
    operation: RENAME,
    first:
      'CREATE TABLE visits (id int PRIMARY KEY, who varchar(40), FOREIGN KEY (who) REFERENCES users (name))',
    covered: 'ALTER TABLE users RENAME COLUMN name TO full_name;',
    cuts: [behind('RENAME COLUMN')],
  },
  {
    name: 'a NOT NULL',
    operation: tightenNotNull('op', { table: 'users', column: 'name', repair: { name: "'none'" } }),
    covered: 'ALTER TABLE users MODIFY COLUMN name varchar(40) NOT NULL;',
    cuts: [
      before('MODIFY COLUMN'),
      behind('MODIFY COLUMN'),
      ...['bi', 'bu', 'ri', 'ru'].map((name) => behind(`_${name}\``)),
    ],
  },
  NEW_TYPE,
];

/** What is half done by a contract of ours is no reason to refuse the rest of it. */
describe.each(['mysql', 'mariadb'] as const)('a contract whose session went on %s', (server) => {
  it.each(DYING)('goes on, $name', async (dying) => {
    const undisturbed = await inWorld(dying, async (world) => {
      await world.migrator({ operations: [dying.operation] }).up();
      return end(world);
    });
    const ends = await each(dying.cuts, 3, (cut) =>
      inWorld(dying, async (world) => {
        await dieAt(cut, world, dying.operation);
        const next = world.migrator({ operations: [dying.operation] });
        const [died] = await next.operations.list();
        const failure = await next.up().then(
          () => null,
          (error: unknown) => error,
        );
        return { cut, died: died?.state, failure, end: await end(world) };
      }),
    );
    expect(ends).toEqual(
      dying.cuts.map((cut) => ({ cut, died: 'contracting', failure: null, end: undisturbed })),
    );
  });

  /** All but the contract is done, in a database with rows. */
  async function inWorld<T>(
    { operation, covered, first = '' }: Dying,
    work: (world: MigratorWorld) => Promise<T>,
  ): Promise<T> {
    const world = await migratorWorld(server, migrations(covered));
    try {
      await world.migrator().up({ to: '0000_init' });
      await world.database.query(
        `INSERT INTO users (id, name) VALUES (1, 'Ada'), (2, 'Grace'); INSERT INTO users VALUES (3, NULL, 'x'); ${first}`,
      );
      await world.migrator({ operations: [operation] }).up({ to: '0001_begin' });
      return await work(world);
    } finally {
      await world.close();
    }
  }
});

/** MySQL counts the instant changes of a table to 255 (measured on 9.7.4): what expand has made is not needed once more. */
describe('the last instant changes of a table on mysql', () => {
  let world: MigratorWorld;
  afterEach(() => world.close());

  it.each([DROP_OLD, NEW_TYPE])('are enough for $name', async ({ operation, covered }) => {
    world = await migratorWorld('mysql', migrations(covered));
    await world.migrator().up({ to: '0000_init' });
    const there = 'ALTER TABLE users ADD COLUMN z int, ALGORITHM=INSTANT;';
    const back = 'ALTER TABLE users DROP COLUMN z, ALGORITHM=INSTANT;';
    await world.database.query(
      `INSERT INTO users (id, name) VALUES (1, 'Ada');${`${there}${back}`.repeat(126)}${there}`,
    );
    const migrator = world.migrator({ operations: [operation] });
    await migrator.up();
    expect(await migrator.operations.list()).toMatchObject([{ state: 'done' }]);
  });
});

function migrations(covered: string): readonly JournalMigration[] {
  return [
    { tag: '0000_init', sql: TABLE },
    { tag: '0001_begin', sql: CALLS },
    { tag: '0002_end', sql: `-- @operation op contract\n${covered}` },
  ];
}

/** Runs the contract over a connection that goes at that place. */
async function dieAt(cut: Cut, world: MigratorWorld, operation: Operation): Promise<void> {
  const proxy = await cuttingProxy(world.database.url, cut);
  try {
    const database = { dialect: 'mysql', url: proxy.url } as const;
    const migrator = world.migrator({ operations: [operation], database });
    await expect(migrator.up()).rejects.toMatchObject({ code: 'SESSION_LOST' });
  } finally {
    await proxy.close();
  }
}

/** Definition of the table, triggers and rows. */
async function end({ database }: MigratorWorld): Promise<unknown> {
  const [shown] = await database.query<{ 'Create Table': string }>('SHOW CREATE TABLE users');
  return {
    table: shown?.['Create Table'],
    triggers: await database.query('SHOW TRIGGERS'),
    rows: await database.query('SELECT * FROM users ORDER BY id'),
  };
}
