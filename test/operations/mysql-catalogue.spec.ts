import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Session } from '../../src/database/database.js';
import { backfill } from '../../src/operations/backfill-rows.js';
import { changeColumnType } from '../../src/operations/change-column-type.js';
import type { OperationAction } from '../../src/operations/operation-action.js';
import type { Operation } from '../../src/operations/operation.js';
import { renameColumn } from '../../src/operations/rename-column.js';
import { tightenCheck } from '../../src/operations/tighten-check.js';
import { tightenForeignKey } from '../../src/operations/tighten-foreign-key.js';
import { tightenLength } from '../../src/operations/tighten-length.js';
import { tightenNotNull } from '../../src/operations/tighten-not-null.js';
import { tightenUnique } from '../../src/operations/tighten-unique.js';
import { until } from '../waiting/until.js';
import { mysqlWorld, type MysqlWorld } from './mysql-world.js';
import { runRows } from './run-actions.js';

const USERS = `CREATE TABLE users (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL COMMENT 'it''s', email varchar(60) CHARACTER SET latin1,
  n int DEFAULT 7, team int, moved timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), KEY users_name (name), KEY users_team (team))`;
const TEAMS = 'CREATE TABLE teams (id int PRIMARY KEY)';
const ROWS = [
  'INSERT INTO teams VALUES (1), (2)',
  "INSERT INTO users (name, email, n, team) VALUES ('a', 'a@b', 1, 1), ('b', 'b@b', 2, 2), ('c', 'c@b', 3, NULL)",
];

interface Case {
  readonly name: string;
  readonly operation: Operation;
  /** As Drizzle Kit generates it. */
  readonly expand?: string;
  readonly contract?: string;
}

const CASES: readonly Case[] = [
  {
    name: 'a rename that drops the old column',
    operation: renameColumn('op', { table: 'users', from: 'name', to: 'full_name' }),
    expand: 'ALTER TABLE `users` ADD `full_name` varchar(40);',
    contract: 'ALTER TABLE `users` DROP COLUMN `name`;',
  },
  {
    name: 'a rename that swaps',
    operation: renameColumn('op', { table: 'users', from: 'email', to: 'mail' }),
    contract: 'ALTER TABLE `users` RENAME COLUMN `email` TO `mail`;',
  },
  {
    name: 'another type',
    operation: changeColumnType('op', { table: 'users', column: 'n', to: 'bigint' }),
    contract: 'ALTER TABLE `users` MODIFY COLUMN `n` bigint DEFAULT 7;',
  },
  {
    name: 'NOT NULL',
    operation: tightenNotNull('op', { table: 'users', column: 'n', repair: { n: '0' } }),
    contract: 'ALTER TABLE `users` MODIFY COLUMN `n` int NOT NULL DEFAULT 7;',
  },
  {
    name: 'a check by triggers',
    operation: tightenCheck('op', {
      table: 'users',
      constraint: 'n_positive',
      expression: 'n > 0',
      withoutOnlineForm: 'guard-triggers',
    }),
  },
  {
    name: 'a check by a copy',
    operation: tightenCheck('op', {
      table: 'users',
      constraint: 'n_positive',
      expression: '`n` > 0',
      withoutOnlineForm: 'copy',
    }),
    expand: 'ALTER TABLE `users` ADD CONSTRAINT `n_positive` CHECK (`n` > 0);',
  },
  {
    name: 'a limit of length',
    operation: tightenLength('op', {
      table: 'users',
      column: 'name',
      length: 10,
      withoutOnlineForm: 'copy',
    }),
    contract: 'ALTER TABLE `users` MODIFY COLUMN `name` varchar(10) NOT NULL;',
  },
  {
    name: 'a unique key',
    operation: tightenUnique('op', { table: 'users', constraint: 'users_uq', columns: ['email'] }),
    contract: 'ALTER TABLE `users` ADD CONSTRAINT `users_uq` UNIQUE(`email`);',
  },
  {
    name: 'a foreign key',
    operation: tightenForeignKey('op', {
      table: 'users',
      constraint: 'users_team_fk',
      columns: ['team'],
      references: { table: 'teams', columns: ['id'] },
      repair: { team: 'NULL' },
    }),
    expand:
      'ALTER TABLE `users` ADD CONSTRAINT `users_team_fk` FOREIGN KEY (`team`) REFERENCES `teams`(`id`);',
  },
  {
    name: 'a backfill',
    operation: backfill('op', { table: 'users', set: { n: 'n + 1' }, where: 'n < 10' }),
  },
];

describe.each(['mysql', 'mariadb'] as const)('every recipe on %s', (server) => {
  let world: MysqlWorld;
  beforeAll(async () => {
    world = await mysqlWorld(server);
  });
  afterEach(() => world.clear());
  afterAll(() => world.close());

  const everything = async (): Promise<unknown> => ({
    users: await world.definition('users'),
    teams: await world.definition('teams'),
    triggers: await world.rows('SHOW TRIGGERS'),
  });

  it.each(CASES)(
    '$name is undone after each phase to exactly what was there before',
    async ({ operation, expand = '' }) => {
      await begin(world);
      const before = await everything();
      for (const last of ['expand', 'backfill', 'verify'] as const) {
        await world.phase(operation, 'expand', expand);
        if (last !== 'expand') await fill(world, operation);
        if (last === 'verify') await world.phase(operation, 'verify');
        await world.undo(operation);
        expect({ last, ...((await everything()) as object) }).toEqual({
          last,
          ...(before as object),
        });
      }
    },
  );
});

/** The metadata locks on `users` of a statement that meets a transaction which has written: what it has, and what it waits for. */
const SEEN = {
  // Writers go on but for the moment in which the new definition takes the place of the old one.
  NONE: 'SHARED_UPGRADABLE, waits for EXCLUSIVE',
  // Nobody writes from here on, until the copy is made.
  SHARED: 'SHARED_UPGRADABLE, waits for SHARED_NO_WRITE',
  // For as long as a definition takes.
  EXCLUSIVE: 'waits for SHARED_NO_WRITE',
  LOCK_TABLES: 'waits for SHARED_NO_READ_WRITE',
} as const;

/** MariaDB shows no lock that is waited for; there it is the LOCK clause that the server holds a statement to. */
describe('every recipe on mysql, beside a writer', () => {
  let world: MysqlWorld;
  let writer: Session;
  beforeAll(async () => {
    world = await mysqlWorld('mysql');
    writer = await world.open();
  });
  afterEach(() => world.clear());
  afterAll(() => world.close());

  it.each(CASES)(
    '$name takes the locks that it names',
    async ({ operation, expand = '', contract = '' }) => {
      await begin(world);
      let actions = 0;
      for (const phase of ['expand', 'verify', 'contract'] as const) {
        if (phase === 'verify') await fill(world, operation);
        const covered = phase === 'expand' ? expand : phase === 'contract' ? contract : '';
        for (const action of (await world.recipe(operation, phase, covered))[phase]) {
          if (action.isDone(await world.facts(operation))) continue;
          actions += 1;
          const named = action.locks.find(({ object }) => object.name === 'users')
            ?.mode as keyof typeof SEEN;
          const expected = action.mode === 'locked-tables' ? SEEN.LOCK_TABLES : SEEN[named];
          expect({ action: action.id, locks: await locksOf(action) }).toEqual({
            action: action.id,
            locks: expected,
          });
        }
      }
      expect(actions > 0).toBe(operation.kind !== 'backfill');
    },
  );

  /** Carries it out beside a transaction that has written, which ends when it is waited for. */
  async function locksOf(action: OperationAction): Promise<string | undefined> {
    const seen: string[] = [];
    for (const [at, sql] of action.statements.entries()) {
      // Behind LOCK TABLES a writer waits for us.
      const beside = (action.mode !== 'locked-tables' || at === 0) && !sql.startsWith('SET ');
      if (beside) {
        await writer.query('start transaction');
        await writer.query('update users set moved = moved where id = 1');
      }
      let over = false;
      const running = world.session.execute(sql).finally(() => {
        over = true;
      });
      // Whatever comes of it is told below.
      running.catch(() => undefined);
      if (beside) {
        let locks = '';
        await until('it to wait for the writer', async () => {
          locks = await waitingFor();
          return over || locks !== '';
        });
        seen.push(locks);
        await writer.query('commit');
      }
      await running;
    }
    for (const sql of action.restore ?? []) await world.session.execute(sql);
    expect(new Set(seen).size).toBe(1);
    return seen[0];
  }

  async function waitingFor(): Promise<string> {
    const locks = await world.database.query<{ type: string; status: string }>(
      `SELECT l.lock_type AS type, l.lock_status AS status FROM performance_schema.metadata_locks l
        JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id
       WHERE t.processlist_id = ${world.session.backendId} AND l.object_type = 'TABLE' AND l.object_schema = database() AND l.object_name = 'users'
       ORDER BY l.lock_status`,
    );
    if (!locks.some(({ status }) => status === 'PENDING')) return '';
    return locks
      .map(({ type, status }) => (status === 'PENDING' ? `waits for ${type}` : type))
      .join(', ');
  }
});

async function begin(world: MysqlWorld): Promise<void> {
  for (const sql of [TEAMS, USERS, ...ROWS]) await world.run(sql);
}

async function fill(world: MysqlWorld, operation: Operation): Promise<void> {
  const { rows } = await world.recipe(operation);
  if (rows !== null) await runRows(world.session, operation.table, rows);
}
