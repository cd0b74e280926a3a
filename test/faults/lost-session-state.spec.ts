import { afterEach, describe, expect, it } from '@jest/globals';
import { databases, servers } from '../servers/index.js';
import { attemptsOf } from './consistent-ledger.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';
import { until } from '../waiting/until.js';

const TAG = '0001_state';
let world: FaultWorld;
afterEach(() => world.end());

/** Defends promise 2: a resume never goes on with a variable or a table that is silently another one. */
describe.each(databases.filter(({ dialect }) => dialect === 'mysql'))(
  'a file whose end needs the session of its beginning, on $name',
  ({ server }) => {
    it.each([
      ['@next', 'SET @next = (SELECT max(id) + 1 FROM orders)', '(@next, 1)'],
      [
        'temporary table tmp',
        'CREATE TEMPORARY TABLE tmp AS SELECT 7 AS id',
        '((SELECT id FROM tmp), 1)',
      ],
      ['LAST_INSERT_ID()', effect('nothing with a counter'), '(LAST_INSERT_ID() + 50, 1)'],
    ])('%s', async (lost, first, values) => {
      const [before, ddl, grow, use] = [
        first,
        'ALTER TABLE orders ADD COLUMN more int',
        'INSERT INTO orders (id, total) VALUES (99, 1)',
        `INSERT INTO orders (id, total) VALUES ${values}`,
      ];
      const wall = 'ALTER TABLE orders ADD COLUMN last int';
      const needs =
        lost === 'LAST_INSERT_ID()' ? [before, ddl, wall, use] : [before, ddl, grow, wall, use];
      world = await FaultWorld.create(await servers[server](), [
        INIT,
        { tag: TAG, sql: statements(...needs) },
      ]);
      const runner = world.runner({
        preload: ['stand-still.mjs'],
        env: { STAND_STILL_BEFORE: use },
      });
      await until('it stands still', () => runner.isStopped());
      runner.signal('SIGKILL');
      await runner.finished;
      const rows = await world.database.query('SELECT id FROM orders ORDER BY id');

      const { exitCode, document } = await world.runner().finished;
      expect(exitCode).toBe(5);
      expect(document?.error).toMatchObject({
        code: 'ATTEMPT_INTERRUPTED',
        place: { migration: TAG, statement: needs.length },
        details: { lost: [lost] },
      });
      expect(await world.database.query('SELECT id FROM orders ORDER BY id')).toEqual(rows);
      expect((await attemptsOf(world.database, TAG)).at(-1)).toMatch(/^interrupted/);

      await world.journal.edit(
        TAG,
        statements(...needs.slice(0, -1), 'INSERT INTO orders (id, total) VALUES (100, 1)'),
      );
      expect((await world.runner().finished).exitCode).toBe(0);
    });
  },
);
