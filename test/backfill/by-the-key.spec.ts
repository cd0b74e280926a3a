import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runPass, verifyPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from './backfill-world.js';

const ROWS = 30_000;

let world: BackfillWorld;
beforeEach(async () => {
  const [mysql] = engines.filter(({ server }) => server === 'mysql');
  if (mysql === undefined) throw new Error('there is no MySQL');
  world = await BackfillWorld.create(mysql);
  // An index of few values, which holds the primary key as well: what a skip scan goes for.
  await world.query(
    'create table t (id bigint primary key, n int not null, few int not null, pad varchar(120), index t_few (few))',
  );
  await world.query(
    `insert into t (id, n, few, pad) ${world.numbers(ROWS, "i, 0, i % 20, repeat('x', 100)")}`,
  );
  await world.query('analyze table t');
});
afterEach(() => world.drop());

it('MySQL goes by the key, whatever other index its optimizer would rather take', async () => {
  const spec = world.spec({ pending: 'n = 0', settings: { ranges: 1, targetMs: 10 } });
  const done = await world.asRunner((lock) => runPass(spec, 'backfill', world.deps(lock)));
  expect(done).toMatchObject({ rowsDone: ROWS, rowsChanged: ROWS });
  await world.asRunner((lock) => verifyPass(spec, world.deps(lock)));
  expect(await readByOtherIndex()).toBe(0);
});

async function readByOtherIndex(): Promise<number> {
  const [row] = await world.query<{ n: string }>(
    `select cast(count_fetch as char) as n from performance_schema.table_io_waits_summary_by_index_usage
      where object_schema = database() and object_name = 't' and index_name = 't_few'`,
  );
  return Number(row?.n);
}
