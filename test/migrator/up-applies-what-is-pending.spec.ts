import { databases } from '../servers/index.js';
import { ledgerCount, migratorWorld, type MigratorWorld } from './migrator-world.js';

const MIGRATIONS = [
  { tag: '0000_init', sql: 'CREATE TABLE orders (id int PRIMARY KEY, note varchar(20));' },
  {
    tag: '0001_more',
    sql: 'ALTER TABLE orders ADD COLUMN total int;--> statement-breakpoint\nINSERT INTO orders (id, total) VALUES (1, 10);--> statement-breakpoint\nINSERT INTO orders (id, total) VALUES (2, 20);',
  },
  { tag: '0002_customers', sql: 'CREATE TABLE customers (id int PRIMARY KEY);' },
];

describe.each(databases)('up on $name', ({ server }) => {
  let world: MigratorWorld;
  beforeEach(async () => {
    world = await migratorWorld(server, MIGRATIONS);
  });
  afterEach(() => world.close());

  it('applies what is pending, once, and writes the ledger', async () => {
    const migrator = world.migrator();
    const first = await migrator.up();
    expect(first.applied.map(({ tag }) => tag)).toEqual(MIGRATIONS.map(({ tag }) => tag));
    expect(first.fence).toBe('1');
    const second = await migrator.up();
    expect(second).toMatchObject({ outcome: 'nothing-to-do', applied: [], fence: null });
    expect(await ledgerCount(world)).toBe(3);
    const rows = await world.database.query<{ total: number }>(
      'SELECT total FROM orders ORDER BY id',
    );
    expect(rows.map(({ total }) => Number(total))).toEqual([10, 20]);
    expect(await world.database.query('SELECT * FROM customers')).toEqual([]);
  });

  it('reports state and plan', async () => {
    const migrator = world.migrator();
    const before = await migrator.plan({ sql: true });
    expect(before.migrations.map(({ tag, impact }) => [tag, impact])).toEqual(
      MIGRATIONS.map(({ tag }) => [tag, 'expand']),
    );
    expect(before.requiredPending).toBe(true);
    expect((await migrator.status()).counts).toMatchObject({ applied: 0, pending: 3, required: 3 });
    await migrator.up({ to: '0001_more' });
    expect((await migrator.status()).counts).toMatchObject({ applied: 2, pending: 1 });
    await migrator.up();
    const after = await migrator.status();
    expect(after.migrations.map(({ verdict, attempt }) => [verdict, attempt?.state])).toEqual([
      ['applied', 'done'],
      ['applied', 'done'],
      ['applied', 'done'],
    ]);
    expect((await migrator.verify()).checked).toBe(3);
    await migrator.wait({ timeoutMs: 0 });
  });
});
