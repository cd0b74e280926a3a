import type { JournalMigration } from '../journals/write-journal.js';
import type { TestDatabase } from '../servers/index.js';
import { effect, statements } from './fault-world.js';

/** A folder whose every effect can be counted, and what nothing but the data can decide in it. */
export interface FaultFolder {
  readonly migrations: readonly JournalMigration[];
  /** `tag statement` (1-based) of what ends in exit 5 when a runner dies in it, and how an operator sees whether it took effect. */
  readonly undecidable: ReadonlyMap<string, (database: TestDatabase) => Promise<boolean>>;
}

const count =
  (what: string) =>
  async (database: TestDatabase): Promise<boolean> => {
    const [row] = await database.query<{ readonly n: string }>(
      `SELECT count(*) AS n FROM effects WHERE what = '${what}'`,
    );
    return Number(row?.n) > 0;
  };

/** One-transaction expands, announced contract and breaking, embedded COMMIT, enum value and use, statement by statement. */
export const postgresFolder: FaultFolder = {
  migrations: [
    {
      tag: '0000_init',
      sql: statements(
        'CREATE TABLE effects (what text)',
        "CREATE TYPE status AS ENUM ('open', 'paid')",
        "CREATE TABLE orders (id int PRIMARY KEY, status status NOT NULL DEFAULT 'open', total int, note text)",
        'INSERT INTO orders (id, total) SELECT g, g FROM generate_series(1, 50) g',
        effect('init'),
      ),
    },
    {
      tag: '0001_expand',
      sql: statements(
        'ALTER TABLE orders ADD COLUMN paid_at date',
        'UPDATE orders SET total = total + 1',
        effect('expand'),
      ),
    },
    {
      tag: '0002_contract',
      sql: statements('ALTER TABLE orders DROP COLUMN note', effect('contract')),
    },
    {
      tag: '0003_breaking',
      sql: statements(
        'ALTER TABLE orders RENAME COLUMN total TO total_cents',
        'UPDATE orders SET total_cents = total_cents * 100',
        effect('breaking'),
      ),
    },
    {
      tag: '0004_concurrently',
      sql: statements(
        'ALTER TABLE orders ADD COLUMN ref int',
        'UPDATE orders SET ref = id',
        effect('before commit'),
        'COMMIT',
        'CREATE UNIQUE INDEX CONCURRENTLY orders_ref ON orders (ref)',
        'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total_cents)',
        effect('between indexes'),
        'DROP INDEX CONCURRENTLY orders_total',
        'BEGIN',
        'UPDATE orders SET ref = ref + 1000',
        effect('after begin'),
      ),
    },
    {
      tag: '0005_enum',
      sql: statements(
        effect('before enum'),
        "ALTER TYPE status ADD VALUE 'refunded'",
        "UPDATE orders SET status = 'refunded' WHERE id <= 5",
        effect('enum'),
      ),
    },
    {
      tag: '0006_off',
      sql: `-- @transaction off\n${statements(
        'UPDATE orders SET total_cents = total_cents + 1',
        'VACUUM orders',
        "SET lock_timeout = '5s'",
        effect('off'),
        'REINDEX INDEX CONCURRENTLY orders_ref',
        'ALTER TABLE orders ADD COLUMN last int DEFAULT 7',
      )}`,
    },
    {
      tag: '0007_call',
      sql: `-- @transaction off\n${statements(
        "CREATE PROCEDURE sweep() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO effects VALUES ('sweep'); COMMIT; UPDATE orders SET total_cents = total_cents + 1; END $$",
        'CALL sweep()',
        effect('call'),
      )}`,
    },
    {
      tag: '0008_view',
      sql: statements(
        'CREATE VIEW big AS SELECT id FROM orders WHERE total_cents > 2500',
        effect('view'),
      ),
    },
  ],
  undecidable: new Map([['0007_call 2', count('sweep')]]),
};

/** Several DDL and DML a file, triggers with a body, a procedure and its CALL, renames, a swap of two tables that look alike, TRUNCATE. */
export const mysqlFolder: FaultFolder = {
  migrations: [
    {
      tag: '0000_init',
      sql: statements(
        'CREATE TABLE effects (what varchar(40))',
        'CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20))',
        'INSERT INTO orders (id, total) VALUES (1, 10), (2, 20), (3, 30)',
        'CREATE TABLE scratch (id int)',
        'INSERT INTO scratch VALUES (1), (2)',
        effect('init'),
      ),
    },
    {
      tag: '0001_mixed',
      sql: statements(
        effect('mixed 1'),
        'UPDATE orders SET total = total + 1',
        'ALTER TABLE orders ADD COLUMN ref int',
        effect('mixed 2'),
        'CREATE INDEX orders_total ON orders (total)',
        "UPDATE orders SET total = total * 10, note = 'x;'",
        effect('mixed 3'),
      ),
    },
    {
      tag: '0002_trigger',
      sql: statements(
        "CREATE TRIGGER orders_ai AFTER INSERT ON orders FOR EACH ROW BEGIN INSERT INTO effects VALUES (concat('trigger ', NEW.id)); INSERT INTO effects VALUES ('again;'); END",
        'INSERT INTO orders (id, total) VALUES (100, 1)',
        'DROP TRIGGER orders_ai',
        'INSERT INTO orders (id, total) VALUES (101, 1)',
      ),
    },
    {
      tag: '0003_procedure',
      sql: statements(
        "CREATE PROCEDURE bump() BEGIN UPDATE orders SET total = total + 1; INSERT INTO effects VALUES ('bump'); END",
        'CALL bump()',
        'DROP PROCEDURE bump',
        effect('procedure'),
      ),
    },
    {
      tag: '0004_rename',
      sql: statements(
        'RENAME TABLE orders TO sales',
        'ALTER TABLE sales RENAME COLUMN total TO total_cents',
        'UPDATE sales SET total_cents = total_cents * 100',
        effect('rename'),
      ),
    },
    {
      tag: '0005_truncate',
      sql: statements(
        'TRUNCATE TABLE scratch',
        'INSERT INTO scratch VALUES (7)',
        effect('truncate'),
      ),
    },
    {
      tag: '0006_swap',
      sql: statements(
        'CREATE TABLE scratch_next LIKE scratch',
        'INSERT INTO scratch_next VALUES (8)',
        'RENAME TABLE scratch TO scratch_was, scratch_next TO scratch, scratch_was TO scratch_next',
        'INSERT INTO scratch VALUES (9)',
        'DROP TABLE scratch_next',
      ),
    },
    {
      tag: '0007_view',
      sql: statements(
        'CREATE OR REPLACE VIEW big AS SELECT id FROM sales WHERE total_cents > 2500',
        'SET @extra := 5',
        'ALTER TABLE sales ADD COLUMN last int',
        'UPDATE sales SET last = @extra',
        effect('view'),
      ),
    },
  ],
  undecidable: new Map([
    ['0003_procedure 2', count('bump')],
    [
      '0005_truncate 1',
      async (database) =>
        (await database.query('SELECT id FROM scratch WHERE id IN (1, 2)')).length === 0,
    ],
    [
      '0006_swap 3',
      async (database) => (await database.query('SELECT id FROM scratch WHERE id = 8')).length > 0,
    ],
  ]),
};
