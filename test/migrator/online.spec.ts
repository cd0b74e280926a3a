import { afterEach, describe, expect, it } from '@jest/globals';
import { refusalOf } from '../bad-input/refusals.js';
import { dumpSchema } from '../journals/schema-dump.js';
import { stockMigrate } from '../journals/stock.js';
import { databases } from '../servers/index.js';
import { ledgerCount, migratorWorld, type MigratorWorld } from './migrator-world.js';

const CUT = '\n--> statement-breakpoint\n';

const INIT = [
  'CREATE TABLE u (id int PRIMARY KEY)',
  'CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(50), u_id int)',
  'CREATE INDEX old_index ON t (b)',
  'INSERT INTO u VALUES (1), (2)',
  "INSERT INTO t VALUES (1, 1, 'x', 1), (2, 2, 'y', 2)",
].join(CUT);

/** As Drizzle Kit writes them. */
const CHANGES = {
  postgresql: [
    'CREATE INDEX t_b ON t (b)',
    'ALTER TABLE "t" ALTER COLUMN "a" SET NOT NULL;',
    'ALTER TABLE "t" ADD CONSTRAINT "t_u_id_u_id_fk" FOREIGN KEY ("u_id") REFERENCES "public"."u"("id") ON DELETE cascade ON UPDATE no action',
    'ALTER TABLE "t" ADD CONSTRAINT "t_a_check" CHECK ("t"."a" > 0)',
    'ALTER TABLE "t" ADD CONSTRAINT "t_b_unique" UNIQUE("b")',
    'DROP INDEX "old_index"',
  ],
  mysql: [
    'CREATE INDEX `t_b` ON `t` (`b`)',
    'ALTER TABLE `t` ADD `c` int',
    'ALTER TABLE `t` ADD CONSTRAINT `t_b_unique` UNIQUE(`b`)',
    'DROP INDEX `old_index` ON `t`',
  ],
} as const;

const ONLINE = {
  postgresql: [
    'CREATE INDEX CONCURRENTLY t_b ON t (b)',
    'ALTER TABLE "t" VALIDATE CONSTRAINT "t_a_check"',
    'DROP INDEX CONCURRENTLY "old_index"',
  ],
  mysql: [
    'CREATE INDEX `t_b` ON `t` (`b`) ALGORITHM=INPLACE LOCK=NONE',
    'ALTER TABLE `t` ADD `c` int, ALGORITHM=INSTANT',
  ],
} as const;

describe.each(databases)('@online on $name', ({ server, dialect }) => {
  const worlds: MigratorWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });

  async function start(sql: string, init = INIT): Promise<MigratorWorld> {
    const world = await migratorWorld(server, [
      { tag: '0000_init', sql: init },
      { tag: '0001_online', sql },
    ]);
    worlds.push(world);
    return world;
  }

  const changes = CHANGES[dialect].join(CUT);
  const schemaOf = (world: MigratorWorld) => dumpSchema(world.database.url);

  it('gives the end state of the statements below it, and stock migrate() has nothing to do', async () => {
    const online = await start(`-- @online\n${changes}`);
    await online.migrator().up({ to: '0000_init' });
    await online.migrator().up();
    const plain = await start(changes);
    await plain.migrator().up();
    expect(await schemaOf(online)).toBe(await schemaOf(plain));
    await stockMigrate(online.database.url, online.journal.folder);
    expect(await ledgerCount(online)).toBe(2);
  });

  it('is shown by plan with the SQL that will run', async () => {
    const world = await start(`-- @online\n${changes}`);
    const texts = async (): Promise<readonly string[]> => {
      const { migrations } = await world.migrator().plan({ sql: true });
      return (migrations.at(-1)?.statements ?? []).map(({ sql = '' }) =>
        sql.replace('-- @online\n', ''),
      );
    };
    // A database without data has nobody to keep out.
    expect(await texts()).toEqual(CHANGES[dialect].map((sql) => sql.replace(/;$/, '')));
    await world.migrator().up({ to: '0000_init' });
    expect(await texts()).toEqual(expect.arrayContaining([...ONLINE[dialect]]));
  });

  if (dialect === 'postgresql') {
    it('is one statement to whoever reads of the failure of the next, however many it was carried out as', async () => {
      const world = await start(
        '-- @online\nALTER TABLE "t" ALTER COLUMN "a" SET NOT NULL;\n--> statement-breakpoint\nALTER TABLE nowhere ADD COLUMN x int;',
      );
      await world.migrator().up({ to: '0000_init' });
      expect(await refusalOf(world.migrator().up())).toMatchObject({
        code: 'MIGRATION_FAILED',
        place: { statement: 2, statements: 2 },
        state:
          'Its first 1 of 2 statement(s) are applied and stay; "nest-migrate up" goes on with statement 2.',
        remedy: expect.stringMatching(
          /from statement 2 on, and leave the first 1 as they are/,
        ) as unknown,
      });
    });

    it('goes on where a row was in the way, and leaves nothing of its own behind', async () => {
      const world = await start(
        `-- @online\nALTER TABLE t ALTER COLUMN a SET NOT NULL${CUT}CREATE TABLE later (id int)`,
      );
      await world.migrator().up({ to: '0000_init' });
      await world.database.query("INSERT INTO t VALUES (3, NULL, 'z', 1)");
      expect(await refusalOf(world.migrator().up())).toMatchObject({
        code: 'MIGRATION_FAILED',
        place: { migration: '0001_online', statement: 1, line: 2 },
        message: expect.stringContaining('in its online form') as unknown,
        state: expect.stringContaining('stay') as unknown,
      });
      await world.database.query('UPDATE t SET a = 3 WHERE a IS NULL');
      await world.migrator().up();
      const plain = await start(
        `ALTER TABLE t ALTER COLUMN a SET NOT NULL${CUT}CREATE TABLE later (id int)`,
      );
      await plain.migrator().up();
      expect(await schemaOf(world)).toBe(await schemaOf(plain));
    });

    it('a duplicate leaves no invalid index, and up goes on when it is gone', async () => {
      const world = await start('-- @online\nALTER TABLE t ADD CONSTRAINT t_b_unique UNIQUE (b)');
      await world.migrator().up({ to: '0000_init' });
      await world.database.query("INSERT INTO t VALUES (3, 3, 'x', 1)");
      expect(await refusalOf(world.migrator().up())).toMatchObject({
        code: 'MIGRATION_FAILED',
        place: { statement: 1 },
        // The very first step of its online form failed, and by no fault of the file.
        remedy: expect.stringMatching(/the rows .*leave \S+0001_online.sql as it is/) as unknown,
      });
      expect(await world.database.query('SELECT 1 FROM pg_index WHERE NOT indisvalid')).toEqual([]);
      await world.database.query('DELETE FROM t WHERE id = 3');
      await world.migrator().up();
      expect(
        await world.database.query(
          "SELECT contype::text FROM pg_constraint WHERE conname = 't_b_unique'",
        ),
      ).toEqual([{ contype: 'u' }]);
    });
  } else {
    it('is refused by the server where only a copy of the table would do, and nothing is changed', async () => {
      const world = await start('-- @online\nALTER TABLE t MODIFY COLUMN a varchar(20)');
      await world.migrator().up({ to: '0000_init' });
      const before = await schemaOf(world);
      expect(await refusalOf(world.migrator().up())).toMatchObject({
        code: 'MIGRATION_FAILED',
        place: { migration: '0001_online', statement: 1 },
        message: expect.stringContaining('without keeping writers out') as unknown,
      });
      expect(await schemaOf(world)).toBe(before);
    });
  }
});
