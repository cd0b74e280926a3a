import { readStatements } from '../../src/statements/read-statements.js';
import type { Dialect } from '../../src/statements/statement.js';
import { summary } from '../../src/statements/summary.js';

const CASES: readonly (readonly [Dialect, sql: string, text: string])[] = [
  [
    'postgresql',
    'create index concurrently if not exists orders_created_idx on orders (created)',
    'CREATE INDEX CONCURRENTLY orders_created_idx ON orders',
  ],
  ['postgresql', 'create index on s.orders (created)', 'CREATE INDEX ON s.orders'],
  ['postgresql', 'DROP INDEX s.i', 'DROP INDEX s.i'],
  ['postgresql', "create table orders (a text default 'canary')", 'CREATE TABLE orders'],
  [
    'postgresql',
    "alter table orders add column a text default 'canary', drop column b, add check (c > 'canary')",
    'ALTER TABLE orders (add column a, drop column b, add constraint)',
  ],
  ['postgresql', 'drop table a, b, c, d, e', 'DROP TABLE a, b, c and 2 more'],
  ['postgresql', "update orders set a = 'canary'", 'UPDATE orders'],
  ['postgresql', "insert into orders values ('canary')", 'INSERT INTO orders'],
  ['postgresql', "select 'canary'", 'SELECT'],
  ['postgresql', "set app.key = 'canary'", 'SET'],
  ['postgresql', "alter type mood add value 'canary'", 'ALTER TYPE mood'],
  ['postgresql', "create user joe password 'canary'", 'CREATE USER joe'],
  ['postgresql', "cnary 'canary'", 'statement'],
  [
    'postgresql',
    'create trigger t before insert on orders for each row execute function f()',
    'CREATE TRIGGER t ON orders',
  ],
  ['postgresql', 'create table "a\u001b[31m\nb" ()', 'CREATE TABLE a?[31m?b'],
  ['mysql', 'create unique index i on `orders` (`a`)', 'CREATE UNIQUE INDEX i ON orders'],
  ['mysql', 'rename table a to b', 'RENAME TABLE a, b'],
  ['mysql', 'create definer=joe procedure p() select 1', 'CREATE PROCEDURE p'],
  [
    'mysql',
    "alter table orders modify a enum('canary')",
    'ALTER TABLE orders (change type of column a)',
  ],
  ['mysql', "create user 'canary'@'%' identified by 'canary'", 'CREATE USER'],
  [
    'mysql',
    'create trigger t before insert on orders for each row set new.a = 1',
    'CREATE TRIGGER t ON orders',
  ],
];

describe('summary', () => {
  test.each(CASES)('%s: %s', (dialect, sql, text) => {
    const [statement] = readStatements(sql, dialect).statements;
    if (statement === undefined) throw new Error('no statement');
    expect(summary(statement, statement.is)).toBe(text);
  });

  test('it is one short line', () => {
    const names = Array.from({ length: 3 }, (_, n) => `"${'x'.repeat(60)}${n}"`).join(', ');
    const [statement] = readStatements(`drop table ${names}`, 'postgresql').statements;
    if (statement === undefined) throw new Error('no statement');
    expect(summary(statement, statement.is)).toHaveLength(160);
  });
});
