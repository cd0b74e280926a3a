import { classify } from '../../src/statements/classify.js';
import { classificationText } from './classification-text.js';
import { objectText } from './object-text.js';

/** Expected parts; what is left out is not looked at, except that DDL commits implicitly and nothing else does. */
interface Expected {
  readonly category: string;
  readonly transactional?: boolean;
  readonly control?: string | null;
  readonly touches?: readonly string[];
  readonly effects?: readonly string[];
  readonly locks?: readonly string[];
  readonly temporary?: boolean;
  readonly repeatable?: boolean;
  readonly refused?: boolean;
}

const T = 'table orders';
const C = 'column orders.a';

const CASES: readonly (readonly [sql: string, expected: Expected])[] = [
  // Transaction control
  ['BEGIN', { category: 'control', control: 'begin' }],
  ['START TRANSACTION READ ONLY', { category: 'control', control: 'begin' }],
  ['COMMIT AND CHAIN NO RELEASE', { category: 'control', control: 'commit-chain' }],
  ['ROLLBACK', { category: 'control', control: 'rollback', refused: true }],
  ['ROLLBACK TO SAVEPOINT a', { category: 'control', control: 'savepoint' }],
  ["XA START 'x'", { category: 'control', control: 'prepare', refused: true }],
  ['BEGIN NOT ATOMIC SET @a = 1; END', { category: 'call', control: null, transactional: false }],
  // Refused functions
  ["SELECT RELEASE_LOCK('x')", { category: 'query', refused: true }],
  ['DO RELEASE_ALL_LOCKS()', { category: 'query', refused: true }],
  ["SELECT 'RELEASE_LOCK('", { category: 'query', refused: false }],
  ['CREATE PROCEDURE p() SELECT RELEASE_ALL_LOCKS()', { category: 'ddl', refused: false }],
  // CREATE
  [
    'CREATE TABLE `orders` (`id` int, FOREIGN KEY (`a`) REFERENCES `b` (`id`))',
    { category: 'ddl', touches: [T], effects: [`adds ${T}`], locks: ['table b: SHARED metadata'] },
  ],
  [
    'CREATE TABLE IF NOT EXISTS db.Orders LIKE x',
    { category: 'ddl', touches: ['table db.Orders'], repeatable: true },
  ],
  ['CREATE TEMPORARY TABLE t (a int)', { category: 'ddl', transactional: true, temporary: true }],
  [
    'CREATE UNIQUE INDEX i ON orders (a)',
    {
      category: 'ddl',
      touches: [T],
      effects: ['adds index orders.i'],
      locks: [`${T}: NONE index build`],
    },
  ],
  [
    'CREATE FULLTEXT INDEX i ON orders (a)',
    { category: 'ddl', locks: [`${T}: SHARED index build`] },
  ],
  [
    'CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`r`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1',
    { category: 'ddl', touches: ['view v'], effects: ['adds view v'] },
  ],
  [
    'CREATE DEFINER=CURRENT_USER TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.a = 1',
    { category: 'ddl', touches: ['trigger orders.t'], effects: ['adds trigger orders.t'] },
  ],
  ['CREATE PROCEDURE db.p() SELECT 1', { category: 'ddl', touches: ['procedure db.p'] }],
  ['CREATE FUNCTION f() RETURNS INT RETURN 1', { category: 'ddl', touches: ['function f'] }],
  [
    'CREATE EVENT IF NOT EXISTS e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t',
    { category: 'ddl', touches: ['event e'] },
  ],
  ['CREATE DATABASE d', { category: 'ddl', touches: ['database d'] }],
  ['CREATE SCHEMA d', { category: 'ddl', touches: ['database d'] }],
  ["CREATE USER 'joe'@'%' IDENTIFIED BY 'secret'", { category: 'ddl', touches: [], effects: [] }],
  [
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')",
    { category: 'ddl', touches: [] },
  ],
  [
    '/*!50003 CREATE*/ /*!50003 TRIGGER t AFTER INSERT ON orders FOR EACH ROW SET @a = 1 */',
    { category: 'ddl', touches: ['trigger orders.t'] },
  ],
  // DROP
  [
    'DROP TABLE IF EXISTS orders, db.b',
    {
      category: 'ddl',
      touches: [T, 'table db.b'],
      effects: [`removes ${T}`, 'removes table db.b'],
      repeatable: true,
    },
  ],
  ['DROP TEMPORARY TABLE t', { category: 'ddl', transactional: true, temporary: true }],
  [
    'DROP INDEX i ON orders',
    {
      category: 'ddl',
      touches: [T],
      effects: ['relaxes index orders.i'],
      locks: [`${T}: NONE metadata`],
    },
  ],
  [
    'DROP VIEW v, w',
    {
      category: 'ddl',
      touches: ['view v', 'view w'],
      effects: ['removes view v', 'removes view w'],
    },
  ],
  [
    'DROP TRIGGER IF EXISTS db.t',
    { category: 'ddl', touches: ['trigger db.t'], effects: ['relaxes trigger db.t'] },
  ],
  [
    'DROP PROCEDURE p',
    { category: 'ddl', touches: ['procedure p'], effects: ['removes procedure p'] },
  ],
  ['DROP EVENT e', { category: 'ddl', touches: ['event e'] }],
  ['DROP USER joe', { category: 'ddl', touches: [] }],
  // ALTER TABLE
  [
    'ALTER TABLE `orders` ADD `a` varchar(20)',
    { category: 'ddl', touches: [T], effects: [`adds ${C}`], locks: [`${T}: NONE metadata`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN a int NOT NULL',
    { category: 'ddl', effects: [`adds ${C} !`], locks: [`${T}: NONE metadata`] },
  ],
  [
    'ALTER TABLE orders ADD a int DEFAULT 1 NOT NULL AFTER b',
    { category: 'ddl', effects: [`adds ${C}`] },
  ],
  [
    'ALTER TABLE orders ADD a char(36) DEFAULT (uuid()) NOT NULL',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: SHARED copy`] },
  ],
  [
    'ALTER TABLE orders ADD a int AUTO_INCREMENT PRIMARY KEY',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: SHARED copy`] },
  ],
  [
    'ALTER TABLE orders ADD a int GENERATED ALWAYS AS (b + 1) STORED NOT NULL',
    { category: 'ddl', effects: [`adds ${C}`], locks: [`${T}: SHARED copy`] },
  ],
  [
    'ALTER TABLE orders ADD a int GENERATED ALWAYS AS (b + 1) VIRTUAL',
    { category: 'ddl', locks: [`${T}: NONE metadata`] },
  ],
  [
    'ALTER TABLE orders ADD COLUMN (a int, b int NOT NULL)',
    { category: 'ddl', effects: [`adds ${C}`, 'adds column orders.b !'] },
  ],
  [
    'ALTER TABLE orders ADD INDEX i (a), ADD KEY (b)',
    {
      category: 'ddl',
      effects: ['adds index orders.i', 'adds index orders.'],
      locks: [`${T}: NONE index build`],
    },
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT u UNIQUE (a)',
    { category: 'ddl', effects: ['adds index orders.u'], locks: [`${T}: NONE index build`] },
  ],
  [
    'ALTER TABLE orders ADD UNIQUE INDEX u (a)',
    { category: 'ddl', effects: ['adds index orders.u'] },
  ],
  [
    'ALTER TABLE orders ADD PRIMARY KEY (a)',
    { category: 'ddl', effects: ['adds constraint orders.PRIMARY'], locks: [`${T}: NONE rewrite`] },
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `b`(`id`) ON DELETE no action',
    { category: 'ddl', effects: ['adds constraint orders.f'], locks: [`${T}: SHARED copy`] },
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0)',
    { category: 'ddl', effects: ['adds constraint orders.c'], locks: [`${T}: SHARED copy`] },
  ],
  [
    'ALTER TABLE orders DROP COLUMN a',
    { category: 'ddl', effects: [`removes ${C}`], locks: [`${T}: NONE metadata`] },
  ],
  ['ALTER TABLE orders DROP a', { category: 'ddl', effects: [`removes ${C}`] }],
  [
    'ALTER TABLE orders DROP FOREIGN KEY f, DROP INDEX i',
    { category: 'ddl', effects: ['relaxes constraint orders.f', 'relaxes index orders.i'] },
  ],
  [
    'ALTER TABLE orders DROP PRIMARY KEY',
    {
      category: 'ddl',
      effects: ['relaxes constraint orders.PRIMARY'],
      locks: [`${T}: SHARED copy`],
    },
  ],
  [
    'ALTER TABLE orders MODIFY COLUMN a int NOT NULL',
    { category: 'ddl', effects: [`retypes ${C}`], locks: [`${T}: SHARED copy`] },
  ],
  ['ALTER TABLE orders CHANGE a b int', { category: 'ddl', effects: [`renames ${C}`] }],
  ['ALTER TABLE orders CHANGE COLUMN `a` `a` int', { category: 'ddl', effects: [`retypes ${C}`] }],
  [
    'ALTER TABLE orders RENAME COLUMN a TO b',
    { category: 'ddl', effects: [`renames ${C}`], locks: [`${T}: NONE metadata`] },
  ],
  [
    'ALTER TABLE orders RENAME INDEX a TO b',
    { category: 'ddl', effects: ['neutral index orders.a'] },
  ],
  [
    'ALTER TABLE orders RENAME TO db.b',
    {
      category: 'ddl',
      touches: [T, 'table db.b'],
      effects: [`renames ${T}`],
      locks: [`${T}: EXCLUSIVE metadata`],
    },
  ],
  [
    'ALTER TABLE orders ALTER COLUMN a SET DEFAULT 1',
    { category: 'ddl', effects: [`relaxes ${C}`] },
  ],
  ['ALTER TABLE orders ALTER a DROP DEFAULT', { category: 'ddl', effects: [`tightens ${C}`] }],
  [
    'ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4',
    { category: 'ddl', locks: [`${T}: SHARED copy`] },
  ],
  ['ALTER TABLE orders ENGINE=InnoDB', { category: 'ddl', effects: [`neutral ${T}`] }],
  [
    'ALTER TABLE orders MODIFY a int, ALGORITHM=INPLACE, LOCK=NONE',
    { category: 'ddl', locks: [`${T}: NONE rewrite`] },
  ],
  [
    'ALTER TABLE orders ADD a int, ALGORITHM=INSTANT',
    { category: 'ddl', locks: [`${T}: NONE metadata`] },
  ],
  [
    'ALTER TABLE orders ADD a int, ALGORITHM=COPY, LOCK=EXCLUSIVE',
    { category: 'ddl', locks: [`${T}: EXCLUSIVE copy`] },
  ],
  [
    'RENAME TABLE orders TO b, db.c TO db.d',
    {
      category: 'ddl',
      touches: [T, 'table b', 'table db.c', 'table db.d'],
      effects: [`renames ${T}`, 'renames table db.c'],
    },
  ],
  ['ALTER ALGORITHM=MERGE VIEW v AS SELECT 1', { category: 'ddl', touches: ['view v'] }],
  ['ALTER EVENT e DISABLE', { category: 'ddl', touches: ['event e'] }],
  ['ALTER DATABASE d CHARACTER SET utf8mb4', { category: 'ddl', touches: ['database d'] }],
  ["ALTER USER joe IDENTIFIED BY 'secret'", { category: 'ddl', touches: [] }],
  ['TRUNCATE TABLE orders', { category: 'ddl', touches: [], repeatable: false }],
  [
    'ALTER TABLE orders EXCHANGE PARTITION p0 WITH TABLE b',
    { category: 'ddl', touches: [], repeatable: false },
  ],
  ['ALTER TABLE orders TRUNCATE PARTITION p0', { category: 'ddl', touches: [], repeatable: false }],
  ['GRANT SELECT ON orders TO joe', { category: 'ddl', touches: [], repeatable: true }],
  // Implicit commit without DDL
  ['ANALYZE TABLE orders', { category: 'other', transactional: false }],
  ['OPTIMIZE TABLE orders', { category: 'other', transactional: false }],
  ['FLUSH TABLES', { category: 'other', transactional: false }],
  ['FLUSH TABLES orders, b', { category: 'other', transactional: false }],
  ['LOCK INSTANCE FOR BACKUP', { category: 'other', transactional: false }],
  ['UNLOCK TABLES', { category: 'other', transactional: false }],
  // Locks of the session
  ['LOCK TABLES orders WRITE', { category: 'other', transactional: false, refused: true }],
  ['lock table orders read', { category: 'other', transactional: false, refused: true }],
  ['FLUSH TABLES WITH READ LOCK', { category: 'other', transactional: false, refused: true }],
  [
    'FLUSH LOCAL TABLES orders, b WITH READ LOCK',
    { category: 'other', transactional: false, refused: true },
  ],
  ['FLUSH TABLES orders FOR EXPORT', { category: 'other', transactional: false, refused: true }],
  ['BACKUP STAGE START', { category: 'other', transactional: false, refused: true }],
  ['BACKUP LOCK orders', { category: 'other', transactional: false, refused: true }],
  ['BACKUP UNLOCK', { category: 'other', transactional: false }],
  ['CALL p()', { category: 'call', transactional: false }],
  ['EXECUTE s', { category: 'call', transactional: false }],
  ['SET autocommit = 1', { category: 'setting', transactional: false }],
  ["SET PASSWORD = 'secret'", { category: 'ddl', transactional: false }],
  // Takes part in a transaction
  ['INSERT IGNORE INTO orders VALUES (1)', { category: 'dml', locks: [`${T}: NONE rows`] }],
  ['REPLACE orders VALUES (1)', { category: 'dml', locks: [`${T}: NONE rows`] }],
  ['UPDATE LOW_PRIORITY orders SET a = 1', { category: 'dml', locks: [`${T}: NONE rows`] }],
  ['DELETE QUICK FROM orders', { category: 'dml', locks: [`${T}: NONE rows`] }],
  ['WITH x AS (SELECT 1) DELETE FROM orders', { category: 'dml', locks: [`${T}: NONE rows`] }],
  ['WITH x AS (SELECT 1) SELECT * FROM x', { category: 'query' }],
  ["LOAD DATA INFILE 'x' INTO TABLE orders", { category: 'dml', locks: [`${T}: NONE rows`] }],
  ['SET @a = 1', { category: 'setting' }],
  ['SET foreign_key_checks = 0', { category: 'setting' }],
  ['USE db', { category: 'setting' }],
  ['PREPARE s FROM @a', { category: 'setting' }],
  ['DEALLOCATE PREPARE s', { category: 'setting' }],
  ['DROP PREPARE s', { category: 'setting' }],
  ['SELECT 1', { category: 'query' }],
  ['SHOW TABLES', { category: 'query' }],
  // Odd SQL
  ['', { category: 'other' }],
  ['FROBNICATE orders', { category: 'other', effects: [] }],
  ['CREATE', { category: 'ddl', touches: [] }],
  ['ALTER TABLE', { category: 'ddl', touches: [] }],
  ['ALTER TABLE orders ADD (a int', { category: 'ddl', effects: [`adds ${C}`] }],
  ['DROP TABLE `orders', { category: 'ddl', touches: [] }],
];

describe('classification on MySQL and MariaDB', () => {
  test.each(CASES)('%s', (sql, expected) => {
    expect(classificationText(sql, 'mysql')).toMatchObject({
      transactional: expected.category !== 'ddl',
      control: null,
      temporary: false,
      refused: false,
      ...expected,
    });
  });

  test('ANSI_QUOTES makes names of double quotes', () => {
    const sql = 'DROP TABLE "orders"';
    expect(classify({ sql }, 'mysql', { ansiQuotes: true }).touches.map(objectText)).toEqual([T]);
    expect(classify({ sql }, 'mysql').touches).toEqual([]);
  });
});
