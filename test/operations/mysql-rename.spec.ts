import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { objectNames } from '../../src/operations/object-names.js';
import type { RenameColumn } from '../../src/operations/operation.js';
import { renameColumn } from '../../src/operations/rename-column.js';
import { mysqlWorld, type MysqlWorld } from './mysql-world.js';
import { countPending, runActions, runRows } from './run-actions.js';

const ADD = 'ALTER TABLE `users` ADD COLUMN `full_name` varchar(20);';
const DROP = 'ALTER TABLE `users` DROP COLUMN `name`;';
const RENAME = 'ALTER TABLE `users` RENAME COLUMN `name` TO `full_name`;';

function rename(onConflict: RenameColumn['onConflict'] = 'error'): RenameColumn {
  return renameColumn('users-name', { table: 'users', from: 'name', to: 'full_name', onConflict });
}

describe.each(['mysql', 'mariadb'] as const)('a rename on %s', (server) => {
  let world: MysqlWorld;
  const operation = rename();
  beforeAll(async () => {
    world = await mysqlWorld(server);
  });
  afterEach(() => world.clear());
  afterAll(() => world.close());

  const table = (column = 'varchar(20) NOT NULL'): Promise<void> =>
    world.run(
      `CREATE TABLE users (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name ${column}, n int NOT NULL DEFAULT 0,
         moved timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3))`,
    );
  const both = async (): Promise<unknown[]> =>
    (await world.rows('SELECT name, full_name FROM users ORDER BY id')).map(Object.values);
  const backfill = async (): Promise<void> => {
    const { rows } = await world.recipe(operation);
    if (rows === null) throw new Error('no rows');
    await runRows(world.session, operation.table, rows);
    expect(await countPending(world.session, operation.table, rows)).toBe(0);
  };

  describe('keeps both columns equal while', () => {
    /** What is written, and both columns of all rows afterwards; null = refused with MG001. */
    const cases: ReadonlyArray<readonly [string, string, unknown[] | null]> = [
      ['only the old is inserted', "INSERT INTO users (name) VALUES ('a')", [['a', 'a']]],
      ['only the new is inserted', "INSERT INTO users (full_name) VALUES ('a')", [['a', 'a']]],
      [
        'the old is given as NULL',
        "INSERT INTO users (name, full_name) VALUES (NULL, 'a')",
        [['a', 'a']],
      ],
      [
        'both are inserted alike',
        "INSERT INTO users (name, full_name) VALUES ('a', 'a')",
        [['a', 'a']],
      ],
      [
        'both are inserted and differ',
        "INSERT INTO users (name, full_name) VALUES ('a', 'b')",
        null,
      ],
      ['they differ in case only', "INSERT INTO users (name, full_name) VALUES ('a', 'A')", null],
      [
        'the keyword DEFAULT stands for the new',
        "INSERT INTO users (name, full_name) VALUES ('a', DEFAULT)",
        [['a', 'a']],
      ],
      [
        'the old is updated',
        "INSERT INTO users (name) VALUES ('a'); UPDATE users SET name = 'b'",
        [['b', 'b']],
      ],
      [
        'the new is updated',
        "INSERT INTO users (name) VALUES ('a'); UPDATE users SET full_name = 'b'",
        [['b', 'b']],
      ],
      [
        'only the case of the old changes',
        "INSERT INTO users (name) VALUES ('anna'); UPDATE users SET name = 'Anna'",
        [['Anna', 'Anna']],
      ],
      [
        'only the case of the new changes',
        "INSERT INTO users (name) VALUES ('anna'); UPDATE users SET full_name = 'Anna'",
        [['Anna', 'Anna']],
      ],
      [
        'only a trailing space comes',
        "INSERT INTO users (name) VALUES ('x'); UPDATE users SET name = 'x '",
        [['x ', 'x ']],
      ],
      [
        'both are updated and differ',
        "INSERT INTO users (name) VALUES ('a'); UPDATE users SET name = 'b', full_name = 'c'",
        null,
      ],
      [
        'both are updated alike',
        "INSERT INTO users (name) VALUES ('a'); UPDATE users SET name = 'b', full_name = 'b'",
        [['b', 'b']],
      ],
      [
        'another column is updated',
        "INSERT INTO users (name) VALUES ('a'); UPDATE users SET n = 7",
        [['a', 'a']],
      ],
      [
        'an upsert writes the old',
        "INSERT INTO users (id, name) VALUES (1, 'a'); INSERT INTO users (id, name) VALUES (1, 'b') ON DUPLICATE KEY UPDATE name = 'b'",
        [['b', 'b']],
      ],
      [
        'an upsert writes the new',
        "INSERT INTO users (id, name) VALUES (1, 'a'); INSERT INTO users (id, full_name) VALUES (1, 'b') ON DUPLICATE KEY UPDATE full_name = VALUES(full_name)",
        [['b', 'b']],
      ],
      [
        'a row is replaced by the new',
        "INSERT INTO users (id, name) VALUES (1, 'a'); REPLACE INTO users (id, full_name) VALUES (1, 'c')",
        [['c', 'c']],
      ],
      ['a row from before is touched', 'UPDATE users SET n = 1', [['before', 'before']]],
      [
        'a row from before is written by the new',
        "UPDATE users SET full_name = 'after'",
        [['after', 'after']],
      ],
    ];
    it('rows are written in every way', async () => {
      await table();
      await world.phase(operation, 'expand', ADD);
      const { beforeInsert } = objectNames(operation);
      const outcomes: unknown[] = [];
      for (const [name, sql] of cases) {
        await world.run('DELETE FROM users');
        if (name.startsWith('a row from before')) {
          // As a replica or a table without triggers would have it.
          const [trigger] = await world.rows(`SHOW CREATE TRIGGER ${beforeInsert}`);
          await world.run(`DROP TRIGGER ${beforeInsert}`);
          await world.run("INSERT INTO users (name) VALUES ('before')");
          await world.run(String(trigger?.['SQL Original Statement']));
        }
        const refusal = await world.run(sql).then(
          () => null,
          (error: unknown) => (error as Error).message.slice(0, 29),
        );
        outcomes.push([name, refusal ?? (await both())]);
      }
      expect(outcomes).toEqual(
        cases.map(([name, , expected]) => [name, expected ?? 'MG001 operation users-name: b']),
      );
    });
  });

  it('lets the new or the old win where both were written, by policy', async () => {
    await table();
    for (const [policy, winner] of [
      ['prefer-new', 'new'],
      ['prefer-old', 'old'],
    ] as const) {
      const preferring = rename(policy);
      await world.phase(preferring, 'expand');
      await world.run(
        `DELETE FROM users; INSERT INTO users (name, full_name) VALUES ('old', 'new')`,
      );
      expect(await both()).toEqual([[winner, winner]]);
      await world.run(
        `UPDATE users SET name = 'x'; UPDATE users SET name = 'old', full_name = 'new'`,
      );
      expect(await both()).toEqual([[winner, winner]]);
      await world.undo(preferring);
    }
  });

  it.each([
    ["varchar(20) NOT NULL DEFAULT 'none'", "'none'"],
    ['int NOT NULL DEFAULT 7', '7'],
    ['decimal(10,2) DEFAULT 1.50', '1.50'],
    ["char(9) CHARACTER SET latin1 NOT NULL DEFAULT 'é'", "'é'"],
  ])('takes the default of %s for not written', async (column, value) => {
    await table(column);
    await world.phase(operation, 'expand');
    await world.run(
      `INSERT INTO users (full_name) VALUES ('9'); INSERT INTO users (name) VALUES (${value}); INSERT INTO users (n) VALUES (1)`,
    );
    const rows = (await both()) as unknown[][];
    expect(rows.map(([old, now]) => old === now)).toEqual([true, true, true]);
    expect(String(rows[0]?.[1])).toMatch(/^9(\.00)?$/);
    await world.run(`INSERT INTO users (name, full_name) VALUES (${value}, '9')`);
    const [, , , last] = (await both()) as unknown[][];
    expect(String(last?.[0])).toMatch(/^9(\.00)?$/);
  });

  it.each([
    ['json', `'{"a": 1}'`, `'{"a": 2}'`],
    ["enum('a','b') NOT NULL", "'a'", "'b'"],
    ['datetime(6)', "'2020-01-02 03:04:05.678901'", "'2020-01-02 03:04:05.678902'"],
    ['double', '0.1', '0.2'],
    ['varbinary(9)', "'a'", "'a '"],
    ['text', "'a'", "'A'"],
    ['bit(5)', "b'101'", "b'111'"],
    ["set('x','y')", "'x'", "'x,y'"],
    ['timestamp NULL', "'2020-01-02 03:04:05'", "'2020-01-02 03:04:06'"],
  ])('follows in a column of type %s', async (column, one, other) => {
    await table(column);
    await world.run(`INSERT INTO users (name) VALUES (${one})`);
    await world.phase(operation, 'expand');
    await backfill();
    await world.run(
      `UPDATE users SET name = ${other}; INSERT INTO users (full_name) VALUES (${one})`,
    );
    const rows = (await both()) as unknown[][];
    expect(rows.map(([old, now]) => JSON.stringify(old) === JSON.stringify(now))).toEqual([
      true,
      true,
    ]);
    expect(rows[0]).not.toEqual(rows[1]);
  });

  it('backfills without moving what moves by itself', async () => {
    await table();
    await world.run(
      `INSERT INTO users (name, moved) VALUES ('a', '2001-02-03 04:05:06'), ('b', '2001-02-03 04:05:06')`,
    );
    await world.phase(operation, 'expand', ADD);
    await backfill();
    expect(await both()).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
    expect(
      await world.rows("SELECT count(*) AS still FROM users WHERE moved = '2001-02-03 04:05:06'"),
    ).toEqual([{ still: '2' }]);
  });

  it('ends as the covered DROP COLUMN does', async () => {
    await table();
    await world.run("CREATE INDEX by_name ON users (name); INSERT INTO users (name) VALUES ('a')");
    await world.run(
      `CREATE TABLE stock LIKE users; ${ADD.replace('users', 'stock')} ${DROP.replace('users', 'stock')}`,
    );
    expect(await world.phase(operation, 'expand', ADD)).toEqual([
      'add-column',
      'create-insert-trigger',
      'create-update-trigger',
    ]);
    await backfill();
    expect(await world.phase(operation, 'contract', DROP)).toEqual([
      'drop-index-by_name',
      'drop-old',
    ]);
    expect(await world.definition('users')).toBe(
      (await world.definition('stock')).replace('stock', 'users'),
    );
    expect(await world.rows('SELECT full_name FROM users')).toEqual([{ full_name: 'a' }]);
    expect((await world.facts(operation)).triggers).toEqual([]);
    expect(await world.phase(operation, 'contract', DROP)).toEqual([]);
  });

  it('ends as the covered RENAME COLUMN does, indexes and foreign keys both ways with it', async () => {
    await world.run('CREATE TABLE orgs (name varchar(20) PRIMARY KEY)');
    await table();
    await world.run(`CREATE UNIQUE INDEX by_name ON users (name); CREATE INDEX by_both ON users (n, name);
      ALTER TABLE users ADD CONSTRAINT of_org FOREIGN KEY (name) REFERENCES orgs (name);
      CREATE TABLE notes (id int PRIMARY KEY, user_name varchar(20), CONSTRAINT of_user FOREIGN KEY (user_name) REFERENCES users (name));
      INSERT INTO orgs VALUES ('a'), ('b'); INSERT INTO users (name) VALUES ('a')`);
    const before = await world.definition('users');
    await world.phase(operation, 'expand');
    await world.run("INSERT INTO users (full_name) VALUES ('b')");
    await backfill();
    expect(await world.phase(operation, 'contract', RENAME)).toEqual(['swap']);
    expect(await world.definition('users')).toBe(
      before
        .replaceAll('`name`', '`full_name`')
        .replace('REFERENCES `orgs` (`full_name`)', 'REFERENCES `orgs` (`name`)'),
    );
    expect(await world.rows('SELECT full_name FROM users ORDER BY 1')).toEqual([
      { full_name: 'a' },
      { full_name: 'b' },
    ]);
    expect(await world.phase(operation, 'contract', RENAME)).toEqual([]);
  });

  it('is taken back without a trace', async () => {
    await table("varchar(20) COLLATE utf8mb4_bin NOT NULL DEFAULT 'it''s' COMMENT 'a ''comment'''");
    const before = await world.definition('users');
    for (const until of [1, 2, 3]) {
      const { expand } = await world.recipe(operation);
      await runActions(expand.slice(0, until), {
        session: world.session,
        readFacts: () => world.facts(operation),
      });
      expect(await world.definition('users')).not.toBe(before);
      expect(await world.undo(operation)).toEqual(['drop-new']);
      expect(await world.definition('users')).toBe(before);
      expect((await world.facts(operation)).triggers).toEqual([]);
    }
  });

  it('makes a writer wait during the swap, who then succeeds', async () => {
    await table();
    await world.run("INSERT INTO users (name) VALUES ('a')");
    await world.phase(operation, 'expand');
    await backfill();
    const { contract } = await world.recipe(operation, 'contract', RENAME);
    const [lock = '', ...rest] = contract.flatMap(({ statements }) => statements);
    const writer = await world.open();
    await world.session.execute(lock);
    const write = writer.execute("UPDATE users SET full_name = 'written meanwhile'");
    await waitUntilQueued(world, writer.backendId);
    for (const sql of rest) await world.session.execute(sql);
    await world.session.execute('UNLOCK TABLES');
    await write;
    expect(await world.rows('SELECT full_name FROM users')).toEqual([
      { full_name: 'written meanwhile' },
    ]);
  });

  it.each([
    [1, RENAME],
    [2, RENAME],
    [2, DROP],
  ])(
    'finds what was written when a contract died behind %i dropped triggers: %s',
    async (dropped, covered) => {
      await table();
      await world.run("INSERT INTO users (name) VALUES ('a'), ('b')");
      await world.phase(operation, 'expand');
      await backfill();
      const { contract, recovery } = await world.recipe(operation, 'contract', covered);
      expect(recovery).toBeNull();
      const dying = await world.open();
      for (const sql of contract[0]?.statements.slice(0, 1 + dropped) ?? [])
        await dying.execute(sql);
      await dying.close();
      await world.run("INSERT INTO users (full_name, name) VALUES ('c', 'c')");
      if (dropped === 2) await world.run("UPDATE users SET full_name = 'B' WHERE full_name = 'b'");
      // As it stands, it is refused by the server rather than carried out without its triggers.
      await expect(
        runActions(contract, { session: world.session, readFacts: () => world.facts(operation) }),
      ).rejects.toMatchObject({ facts: { errno: 1360 } });
      for (let run = 1; run <= 2; run += 1) {
        const again = (await world.recipe(operation, 'contract', covered)).recovery;
        if (again === null || again === undefined) throw new Error('nothing to recover');
        await runActions(again.actions, {
          session: world.session,
          readFacts: () => world.facts(operation),
        });
        await world.run('UPDATE users SET n = n + 1');
        await runRows(world.session, operation.table, again.rows);
        expect(await countPending(world.session, operation.table, again.rows)).toBe(0);
      }
      await world.phase(operation, 'contract', covered);
      expect(
        (await world.rows('SELECT full_name FROM users ORDER BY id')).map(
          (row) => row['full_name'],
        ),
      ).toEqual(['a', dropped === 2 ? 'B' : 'b', 'c']);
    },
  );
});

/** Until the session waits for a metadata lock. */
async function waitUntilQueued(world: MysqlWorld, id: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const [row] = await world.database.query<{ state: string }>(
      'SELECT state AS state FROM information_schema.processlist WHERE id = ?',
      [id],
    );
    if (/metadata lock/i.test(row?.state ?? '')) return;
    if (performance.now() > deadline) throw new Error('the writer never waited');
  }
}
