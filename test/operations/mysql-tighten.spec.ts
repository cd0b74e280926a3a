import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StatementError } from '../../src/database/database.js';
import type { OperationAction } from '../../src/operations/operation-action.js';
import type { TightenConstraint } from '../../src/operations/operation.js';
import { tightenCheck } from '../../src/operations/tighten-check.js';
import { tightenForeignKey } from '../../src/operations/tighten-foreign-key.js';
import { tightenLength } from '../../src/operations/tighten-length.js';
import { tightenNotNull } from '../../src/operations/tighten-not-null.js';
import { tightenUnique } from '../../src/operations/tighten-unique.js';
import { mysqlWorld, type MysqlWorld } from './mysql-world.js';
import { countPending, runRows } from './run-actions.js';

describe.each(['mysql', 'mariadb'] as const)('tightening on %s', (server) => {
  let world: MysqlWorld;
  beforeAll(async () => {
    world = await mysqlWorld(server);
  });
  afterEach(() => world.clear());
  afterAll(() => world.close());

  const pending = async (operation: TightenConstraint): Promise<number> => {
    const { rows } = await world.recipe(operation);
    return rows === null ? -1 : countPending(world.session, operation.table, rows);
  };
  const repair = async (operation: TightenConstraint): Promise<void> => {
    const { rows } = await world.recipe(operation);
    if (rows === null) throw new Error('no rows');
    await runRows(world.session, operation.table, rows);
  };
  const statements = (actions: readonly OperationAction[]): string =>
    actions.flatMap((action) => action.statements).join('\n');
  const errors = async (operation: TightenConstraint, covered?: string): Promise<string[]> => {
    const { blockers } = await world.recipe(operation, 'contract', covered);
    return blockers.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  };
  /** information_schema's rows of the table's columns. */
  const columns = (): Promise<Record<string, unknown>[]> =>
    world.rows(`SELECT column_name AS c, ordinal_position AS p, column_default AS d, column_type AS t, is_nullable AS n, character_set_name AS cs,
      collation_name AS co, extra AS e, column_comment AS cm, generation_expression AS g FROM information_schema.columns
      WHERE table_schema = database() AND table_name = 'users' ORDER BY ordinal_position`);

  describe('NOT NULL', () => {
    const definitions = [
      "varchar(20) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'it''s \\\\ \"x\"' COMMENT 'c''om'",
      'timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)',
      "enum('NULL','DEFAULT NULL') DEFAULT 'NULL'",
      "text COMMENT 'DEFAULT NULL'",
      'decimal(10,2) DEFAULT 1.50',
      'datetime DEFAULT NULL',
      'datetime(6) DEFAULT CURRENT_TIMESTAMP(6)',
      "varchar(40) DEFAULT (concat('a', 'b'))",
      "bit(3) DEFAULT b'101'",
      'int unsigned DEFAULT 3 INVISIBLE',
      'json',
    ];
    it.each(definitions)('changes nothing else of %s', async (definition) => {
      const needsCopy = server === 'mariadb' && definition.includes('CURRENT_TIMESTAMP');
      const operation = tightenNotNull('users-c', {
        table: 'users',
        column: 'c',
        withoutOnlineForm: needsCopy ? 'copy' : 'refuse',
      });
      await world.run(`CREATE TABLE users (id int PRIMARY KEY, c ${definition}, z int)`);
      expect(await errors({ ...operation, withoutOnlineForm: 'refuse' })).toEqual(
        needsCopy ? ['no-online-form'] : [],
      );
      const before = await columns();
      await world.phase(operation, 'expand');
      expect(await world.phase(operation, 'contract')).toEqual([
        'set-not-null',
        'drop-bi',
        'drop-bu',
      ]);
      const after = await columns();
      const changed = before.map((row) =>
        row['c'] === 'c'
          ? { ...row, n: 'NO', ...(server === 'mariadb' && row['d'] === 'NULL' && { d: null }) }
          : row,
      );
      expect(after).toEqual(changed);
      expect((await world.facts(operation)).triggers).toEqual([]);
      expect(await world.phase(operation, 'contract')).toEqual([]);
    });

    it('ends as the covered MODIFY does, and undo leaves no trace', async () => {
      const operation = tightenNotNull('users-c', {
        table: 'users',
        column: 'c',
        repair: { c: "concat('u', id)" },
      });
      await world.run(
        "CREATE TABLE users (id int PRIMARY KEY, c varchar(20)); INSERT INTO users VALUES (1, NULL), (2, 'b')",
      );
      const before = await world.definition('users');
      await world.phase(operation, 'expand');
      await world.undo(operation);
      expect(await world.definition('users')).toBe(before);
      expect((await world.facts(operation)).triggers).toEqual([]);

      const modify = 'ALTER TABLE `users` MODIFY COLUMN `c` varchar(20) NOT NULL;';
      expect(await errors(operation, modify)).toEqual([]);
      await world.phase(operation, 'expand');
      expect(await pending(operation)).toBe(1);
      // Old versions go on: what they write is repaired.
      await world.run('INSERT INTO users (id) VALUES (3); UPDATE users SET c = NULL WHERE id = 2');
      await repair(operation);
      expect(await pending(operation)).toBe(0);
      await world.phase(operation, 'contract', modify);
      await world.run(
        `CREATE TABLE stock (id int PRIMARY KEY, c varchar(20)); ${modify.replace('users', 'stock')}`,
      );
      expect(await world.definition('users')).toBe(
        (await world.definition('stock')).replace('stock', 'users'),
      );
      expect(await world.rows('SELECT c FROM users ORDER BY id')).toEqual([
        { c: 'u1' },
        { c: 'u2' },
        { c: 'u3' },
      ]);
    });

    it('refuses new violators, and lets those that are there be changed otherwise', async () => {
      const operation = tightenNotNull('users-c', { table: 'users', column: 'c' });
      await world.run(
        'CREATE TABLE users (id int PRIMARY KEY, c int, n int); INSERT INTO users VALUES (1, NULL, 1), (2, 2, 2)',
      );
      await world.phase(operation, 'expand');
      for (const sql of ['INSERT INTO users (id) VALUES (3)', 'UPDATE users SET c = NULL']) {
        await expect(world.run(sql)).rejects.toThrow(/^MG001 operation users-c/);
      }
      await world.run('UPDATE users SET n = n + 1');
      expect(await pending(operation)).toBe(1);
      await expect(world.phase(operation, 'contract')).rejects.toMatchObject({
        facts: { errno: server === 'mysql' ? 1138 : 1265 },
      });
    });

    it('refuses what else a covered MODIFY says', async () => {
      const operation = tightenNotNull('users-c', { table: 'users', column: 'c' });
      await world.run("CREATE TABLE users (id int PRIMARY KEY, c varchar(20) DEFAULT 'x')");
      for (const [definition, codes] of [
        ["varchar(20) NOT NULL DEFAULT 'x'", []],
        ["varchar(30) NOT NULL DEFAULT 'x'", ['covered-column']],
        ['varchar(20) NOT NULL', ['covered-column']],
        ["varchar(20) DEFAULT 'x'", ['covered-column']],
      ] as const) {
        expect(await errors(operation, `ALTER TABLE users MODIFY COLUMN c ${definition};`)).toEqual(
          codes,
        );
      }
    });
  });

  describe('CHECK', () => {
    const check = (
      withoutOnlineForm: TightenConstraint['withoutOnlineForm'],
      repaired = true,
    ): TightenConstraint =>
      tightenCheck('users-total', {
        table: 'users',
        constraint: 'total_check',
        expression: "users.total >= 0 and `kind` <> 'total'",
        withoutOnlineForm,
        ...(repaired && { repair: { total: 'abs(total)' } }),
      });
    const CHECK =
      "ALTER TABLE `users` ADD CONSTRAINT `total_check` CHECK (users.total >= 0 and `kind` <> 'total');";
    beforeEach(() =>
      world.run(
        "CREATE TABLE users (id int PRIMARY KEY, total int, kind varchar(9), n int); INSERT INTO users VALUES (1, -1, 'a', 0), (2, NULL, 'b', 0)",
      ),
    );

    it('is refused without a choice, which the server would refuse as well', async () => {
      expect(await errors(check('refuse'))).toEqual(['no-online-form']);
      await expect(
        world.session.execute(`${CHECK.slice(0, -1)}, ALGORITHM=INPLACE, LOCK=NONE`),
      ).rejects.toMatchObject({ facts: { errno: 1845 } });
    });

    it('is enforced by triggers for good', async () => {
      const operation = check('guard-triggers');
      expect(await errors(operation)).toEqual([]);
      await world.phase(operation, 'expand');
      await world.run("INSERT INTO users VALUES (3, -3, 'c', 0)");
      expect(await pending(operation)).toBe(1);
      await repair(operation);
      expect(await pending(operation)).toBe(0);
      expect(await world.phase(operation, 'verify')).toEqual(['drop-ri', 'drop-ru']);
      expect(await world.phase(operation, 'contract')).toEqual([]);
      for (const sql of [
        "INSERT INTO users VALUES (4, -1, 'd', 0)",
        'UPDATE users SET total = -5',
        "UPDATE users SET kind = 'total' WHERE id = 1",
      ]) {
        await expect(world.run(sql)).rejects.toThrow(/^MG001 operation users-total/);
      }
      await world.run("INSERT INTO users VALUES (5, NULL, 'e', 0); UPDATE users SET n = 1");
      expect(await world.rows('SELECT total FROM users ORDER BY id')).toEqual([
        { total: 1 },
        { total: null },
        { total: 3 },
        { total: null },
      ]);
    });

    it('is copied in behind the repair when a window is chosen', async () => {
      const operation = check('copy');
      await world.phase(operation, 'expand');
      await repair(operation);
      await world.phase(operation, 'verify');
      expect(statements((await world.recipe(operation)).contract)).toMatch(
        /ALGORITHM=COPY, LOCK=SHARED/,
      );
      await world.phase(operation, 'contract');
      expect((await world.facts(operation)).checks).toMatchObject([
        { name: 'total_check', validated: true },
      ]);
      expect((await world.facts(operation)).triggers).toEqual([]);
      expect(await world.phase(operation, 'expand')).toEqual([]);
    });

    it('is taken back without a trace', async () => {
      const before = await world.definition('users');
      await world.phase(check('copy'), 'expand');
      await world.undo(check('copy'));
      expect(await world.definition('users')).toBe(before);
      expect((await world.facts(check('copy'))).triggers).toEqual([]);
    });
  });

  it('a shorter text is guarded, then copied', async () => {
    const operation = tightenLength('users-c', {
      table: 'users',
      column: 'c',
      length: 3,
      repair: { c: 'left(c, 3)' },
      withoutOnlineForm: 'copy',
    });
    await world.run(
      "CREATE TABLE users (id int PRIMARY KEY, c varchar(20) NOT NULL DEFAULT 'abc' COMMENT 'q'); INSERT INTO users VALUES (1, 'äöüß'), (2, 'x')",
    );
    const before = await world.definition('users');
    await world.phase(operation, 'expand');
    await world.run("INSERT INTO users VALUES (3, 'long')");
    expect(await pending(operation)).toBe(1);
    await repair(operation);
    await world.phase(operation, 'contract');
    expect(await world.definition('users')).toBe(before.replace('varchar(20)', 'varchar(3)'));
    expect(await world.rows('SELECT c FROM users ORDER BY id')).toEqual([
      { c: 'äöü' },
      { c: 'x' },
      { c: 'lon' },
    ]);
  });

  describe('UNIQUE', () => {
    const forms = [
      'ALTER TABLE `users` ADD CONSTRAINT `by_mail` UNIQUE(`mail`,`n`);',
      'CREATE UNIQUE INDEX `by_mail` ON `users` (`mail`,`n`);',
      '',
    ];
    const operation = tightenUnique('users-mail', {
      table: 'users',
      constraint: 'by_mail',
      columns: ['mail', 'n'],
    });
    it.each(forms)('counts duplicates, then builds beside the writers: %s', async (covered) => {
      await world.run(
        "CREATE TABLE users (id int PRIMARY KEY, mail varchar(20), n int); INSERT INTO users VALUES (1, 'a', 1), (2, 'A', 1), (3, 'b', 1), (4, NULL, 1), (5, NULL, 1)",
      );
      const { violations, contract } = await world.recipe(operation, 'contract', covered);
      expect(await world.rows(violations?.count ?? '')).toEqual([{ count: '1' }]);
      expect(await world.rows(violations?.sample ?? '')).toEqual([{ id: 1 }, { id: 2 }]);
      expect(statements(contract)).toMatch(
        server === 'mysql' ? /ALGORITHM=INPLACE,? LOCK=NONE$/ : /ALGORITHM=NOCOPY,? LOCK=NONE$/,
      );
      await expect(world.phase(operation, 'contract', covered)).rejects.toMatchObject({
        facts: { errno: 1062 },
      });
      await world.run('UPDATE users SET n = 2 WHERE id = 2');
      expect(await world.phase(operation, 'contract', covered)).toEqual(['add-unique']);
      expect(await world.definition('users')).toContain('UNIQUE KEY `by_mail` (`mail`,`n`)');
    });
  });

  describe('FOREIGN KEY', () => {
    const key = (repaired: boolean, table = 'orgs'): TightenConstraint =>
      tightenForeignKey('users-org', {
        table: 'users',
        constraint: 'users_org_fk',
        columns: ['org'],
        references: { table, columns: ['id'] },
        onDelete: 'cascade',
        ...(repaired && { repair: { org: 'null' } }),
      });
    const FK =
      'ALTER TABLE `users` ADD CONSTRAINT `users_org_fk` FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON DELETE cascade ON UPDATE no action;';
    const tables =
      "CREATE TABLE orgs (id int PRIMARY KEY); CREATE TABLE users (id int PRIMARY KEY, org int, name varchar(9)); INSERT INTO orgs VALUES (1); INSERT INTO users VALUES (1, 1, 'a'), (2, 7, 'b'), (3, NULL, 'c')";

    it.each([FK, ''])(
      'guards writers at once, and counts orphans behind that: %s',
      async (covered) => {
        await world.run(tables);
        const before = await world.definition('users');
        expect(await world.phase(key(true), 'expand', covered)).toEqual(['add-foreign-key']);
        await world.undo(key(true));
        expect(await world.definition('users')).toBe(before);
        await world.phase(key(true), 'expand', covered);
        expect(await world.rows('SELECT @@foreign_key_checks AS checks')).toEqual([
          { checks: '1' },
        ]);
        await expect(
          world.session.execute("INSERT INTO users VALUES (4, 9, 'd')"),
        ).rejects.toMatchObject({ facts: { errno: 1452 } });
        expect(await pending(key(true))).toBe(1);
        await repair(key(true));
        expect(await pending(key(true))).toBe(0);
        await world.run(
          `CREATE TABLE stock LIKE users; ALTER TABLE stock DROP INDEX users_org_fk; ${FK.replace('TABLE `users`', 'TABLE stock').replace('users_org_fk', 'stock_org_fk')}`,
        );
        expect(await world.definition('users')).toBe(
          (await world.definition('stock')).replaceAll('stock', 'users'),
        );
      },
    );

    it('finds orphans that came in with checks off', async () => {
      await world.run(tables.replace('(2, 7', '(2, 1'));
      await world.phase(key(false), 'expand', FK);
      expect(await pending(key(false))).toBe(0);
      await world.run("SET foreign_key_checks = 0; INSERT INTO users VALUES (9, 99, 'x')");
      expect(await pending(key(false))).toBe(1);
    });

    it('repairs a table that refers to itself, and restores the checks when it is refused', async () => {
      await world.run(
        'CREATE TABLE users (id int PRIMARY KEY, org int); INSERT INTO users VALUES (1, 1), (2, 8)',
      );
      await world.phase(key(true, 'users'), 'expand');
      await repair(key(true, 'users'));
      expect(await world.rows('SELECT org FROM users ORDER BY id')).toEqual([
        { org: 1 },
        { org: null },
      ]);
      await expect(
        world.phase(
          tightenForeignKey('users-none', {
            table: 'users',
            constraint: 'none_fk',
            columns: ['org'],
            references: { table: 'users', columns: ['org_of_none'] },
          }),
          'expand',
        ),
      ).rejects.toBeInstanceOf(StatementError);
      expect(await world.rows('SELECT @@foreign_key_checks AS checks')).toEqual([{ checks: '1' }]);
    });
  });
});
