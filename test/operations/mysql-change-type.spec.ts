import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { changeColumnType } from '../../src/operations/change-column-type.js';
import type { ChangeColumnType } from '../../src/operations/operation.js';
import { mysqlWorld, type MysqlWorld } from './mysql-world.js';
import { countPending, runActions, runRows } from './run-actions.js';

function change(to: string, up?: string, down?: string): ChangeColumnType {
  return changeColumnType('users-c', {
    table: 'users',
    column: 'c',
    to,
    ...(up !== undefined && { up }),
    ...(down !== undefined && { down }),
  });
}

describe.each(['mysql', 'mariadb'] as const)('another type on %s', (server) => {
  let world: MysqlWorld;
  beforeAll(async () => {
    world = await mysqlWorld(server);
  });
  afterEach(() => world.clear());
  afterAll(() => world.close());

  const backfill = async (operation: ChangeColumnType): Promise<void> => {
    const { rows } = await world.recipe(operation);
    if (rows === null) throw new Error('no rows');
    await runRows(world.session, operation.table, rows);
    expect(await countPending(world.session, operation.table, rows)).toBe(0);
  };
  const both = async (): Promise<unknown[]> =>
    (
      await world.rows(
        'SELECT cast(c as char) AS c, cast(c__new as char) AS n FROM users ORDER BY id',
      )
    ).map(Object.values);

  /** Old column, new type, up, down, the covered MODIFY's definition, values before. */
  const cases: ReadonlyArray<
    readonly [string, string, string | undefined, string | undefined, string, readonly string[]]
  > = [
    ['int', 'bigint', undefined, undefined, 'bigint', ['1', 'NULL', '-7']],
    [
      'int NOT NULL DEFAULT 3',
      'bigint',
      undefined,
      undefined,
      'bigint NOT NULL DEFAULT 3',
      ['1', '2'],
    ],
    [
      'varchar(20) NOT NULL',
      'int',
      'cast({value} as signed)',
      undefined,
      'int NOT NULL',
      ["'1'", "'20'"],
    ],
    ["varchar(20) DEFAULT 'a'", 'text', undefined, undefined, 'text', ["'A'", "'x '"]],
    [
      'decimal(10,4)',
      'decimal(8,1)',
      undefined,
      undefined,
      'decimal(8,1)',
      ['1.2345', '9.9999', '-3.05'],
    ],
    ['double', 'int', undefined, undefined, 'int', ['1.5', '-2.5', '7']],
    ['datetime(6)', 'datetime', undefined, undefined, 'datetime', ["'2020-01-02 03:04:05.6789'"]],
    ["enum('a','b')", 'varchar(9)', undefined, undefined, 'varchar(9)', ["'a'", "'b'"]],
    [
      'varchar(20)',
      'json',
      'json_quote({value})',
      'json_unquote({value})',
      'json',
      ["'plain'", "'qu\"ote'"],
    ],
  ];
  it.each(cases)(
    'from %s to %s ends as the covered MODIFY does',
    async (old, to, up, down, definition, values) => {
      const operation = change(to, up, down);
      const modify = `ALTER TABLE \`users\` MODIFY COLUMN \`c\` ${definition};`;
      const create = (table: string): string =>
        `CREATE TABLE ${table} (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, c ${old}, z int)`;
      await world.run(
        `${create('users')}; ${values.map((value) => `INSERT INTO users (c) VALUES (${value})`).join(';')}`,
      );
      const before = await world.definition('users');
      await world.phase(operation, 'expand');
      await world.undo(operation);
      expect(await world.definition('users')).toBe(before);
      const { blockers } = await world.recipe(operation, 'contract', modify);
      expect(blockers.filter(({ severity }) => severity === 'error')).toEqual([]);
      await world.phase(operation, 'expand');
      await backfill(operation);
      // Another write of the same values is in step by the triggers.
      await world.run(values.map((value) => `INSERT INTO users (c) VALUES (${value})`).join(';'));
      const { rows } = await world.recipe(operation);
      expect(rows === null ? -1 : await countPending(world.session, operation.table, rows)).toBe(0);
      const expected = await world.rows('SELECT cast(c__new as char) AS c FROM users ORDER BY id');
      await world.phase(operation, 'contract', modify);
      await world.run(`${create('stock')}; ${modify.replace('users', 'stock')}`);
      expect(await world.definition('users')).toBe(
        (await world.definition('stock')).replace('stock', 'users'),
      );
      expect(await world.rows('SELECT cast(c as char) AS c FROM users ORDER BY id')).toEqual(
        expected,
      );
      expect((await world.facts(operation)).triggers).toEqual([]);
      expect(await world.phase(operation, 'contract', modify)).toEqual([]);
    },
  );

  it('follows in both directions and does not overwrite what the old type cannot hold', async () => {
    const operation = change('decimal(10,2)');
    await world.run('CREATE TABLE users (id int PRIMARY KEY, c int, z int)');
    await world.phase(operation, 'expand');
    await world.run(
      'INSERT INTO users (id, c) VALUES (1, 5); INSERT INTO users (id, c__new) VALUES (2, 1.23)',
    );
    expect(await both()).toEqual([
      ['5', '5.00'],
      ['1', '1.23'],
    ]);
    await backfill(operation);
    await world.run(
      'UPDATE users SET z = 1; UPDATE users SET c = 6 WHERE id = 1; UPDATE users SET c__new = 7.5 WHERE id = 2',
    );
    expect(await both()).toEqual([
      ['6', '6.00'],
      ['8', '7.50'],
    ]);
    await expect(world.run('UPDATE users SET c = 1, c__new = 3')).rejects.toThrow(
      /^MG001 operation users-c/,
    );
  });

  it('takes indexes with it, by name and in their order', async () => {
    const operation = change('bigint');
    await world.run(`CREATE TABLE users (id int PRIMARY KEY, c int NOT NULL, z varchar(9), KEY a (z), UNIQUE KEY by_c (c) COMMENT 'over \`c\`', KEY both_ways (z(3), c DESC));
      INSERT INTO users VALUES (1, 5, 'x')`);
    const before = await world.definition('users');
    await world.phase(operation, 'expand');
    await backfill(operation);
    expect(await world.phase(operation, 'contract')).toEqual([
      'build-by_c',
      'build-both_ways',
      'set-not-null',
      'swap',
    ]);
    expect(await world.definition('users')).toBe(
      before.replace(/`c` int(?:\(11\))?/, server === 'mysql' ? '`c` bigint' : '`c` bigint(20)'),
    );
  });

  it('recovers from a death between the triggers and the columns, the old column being the one that is written', async () => {
    const operation = change('bigint');
    const modify = 'ALTER TABLE users MODIFY COLUMN c bigint DEFAULT 4;';
    await world.run(
      'CREATE TABLE users (id int PRIMARY KEY, c int DEFAULT 3); INSERT INTO users VALUES (1, 1)',
    );
    await world.phase(operation, 'expand');
    await backfill(operation);
    const { contract } = await world.recipe(operation, 'contract', modify);
    const dying = await world.open();
    const swap = contract.find(({ id }) => id === 'swap')?.statements ?? [];
    for (const sql of swap.slice(0, 3)) await dying.execute(sql);
    await dying.close();
    await world.run('UPDATE users SET c = 2');
    const { recovery } = await world.recipe(operation, 'contract', modify);
    if (recovery === null || recovery === undefined) throw new Error('nothing to recover');
    await runActions(recovery.actions, {
      session: world.session,
      readFacts: () => world.facts(operation),
    });
    await runRows(world.session, operation.table, recovery.rows);
    const again = await world.open();
    const rest = (await world.recipe(operation, 'contract', modify)).contract.find(
      ({ id }) => id === 'swap',
    );
    // Death behind the columns, before the default.
    for (const sql of rest?.statements.slice(0, -1) ?? []) await again.execute(sql);
    await again.close();
    expect(await world.phase(operation, 'contract', modify)).toEqual(['settle']);
    await world.run('INSERT INTO users (id) VALUES (2)');
    expect(await world.rows('SELECT c FROM users ORDER BY id')).toEqual([{ c: '2' }, { c: '4' }]);
  });

  it.each([
    ['c int, CHECK (c > 0)', 'bigint', '', ['check']],
    ['c int, g int GENERATED ALWAYS AS (c + 1) VIRTUAL', 'bigint', '', ['generated column']],
    ['c int, FOREIGN KEY (c) REFERENCES users (id)', 'bigint', '', ['foreign-key']],
    ['c int, c__new varchar(9)', 'bigint', '', ['column-exists']],
    ['d int', 'bigint', '', ['no-column']],
    ['c varchar(9)', 'varchar(9) COLLATE utf8mb4_bin', '', ['collation-only']],
    ['c int', 'bigint', 'ALTER TABLE users MODIFY COLUMN c varchar(20);', ['covered-column']],
  ])('refuses a table of %s to %s %s', async (columns, to, covered, codes) => {
    await world.run(`CREATE TABLE users (id int PRIMARY KEY, ${columns})`);
    const { blockers } = await world.recipe(change(to), 'contract', covered);
    expect(blockers.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(
      codes,
    );
  });
});
