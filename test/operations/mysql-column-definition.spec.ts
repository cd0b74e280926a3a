import { describe, expect, it } from '@jest/globals';
import {
  ColumnDefinition,
  columnDefinitions,
  indexDefinitions,
} from '../../src/operations/mysql/column-definition.js';
import { asserted, canonicalDefault, canonicalType } from '../../src/operations/mysql/covered.js';
import { inRow } from '../../src/operations/mysql/row-names.js';
import type { TableFacts } from '../../src/operations/table-facts.js';

describe('a column definition', () => {
  it.each([
    ['varchar(20) DEFAULT NULL', 'varchar(20) NOT NULL'],
    [
      "varchar(20) DEFAULT 'NULL' COMMENT 'DEFAULT NULL'",
      "varchar(20) NOT NULL DEFAULT 'NULL' COMMENT 'DEFAULT NULL'",
    ],
    [
      'timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP',
      'timestamp NOT NULL ON UPDATE CURRENT_TIMESTAMP',
    ],
    [
      "text CHARACTER SET latin1 COLLATE latin1_bin COMMENT 'it''s'",
      "text CHARACTER SET latin1 COLLATE latin1_bin NOT NULL COMMENT 'it''s'",
    ],
    ["int DEFAULT '3' /*!80023 INVISIBLE */", "int NOT NULL DEFAULT '3' /*!80023 INVISIBLE */"],
    [
      'varchar(9) /*M!100301 COMPRESSED*/ DEFAULT NULL',
      'varchar(9) /*M!100301 COMPRESSED*/ NOT NULL',
    ],
    ['int(11) DEFAULT NULL CHECK (`chk` > 0)', 'int(11) NOT NULL CHECK (`chk` > 0)'],
    [
      "varchar(40) DEFAULT (concat(_utf8mb4'a',NULL))",
      "varchar(40) NOT NULL DEFAULT (concat(_utf8mb4'a',NULL))",
    ],
    ["enum('a b','NOT NULL')", "enum('a b','NOT NULL') NOT NULL"],
    ['blob', 'blob NOT NULL'],
    ['int NOT NULL', 'int NOT NULL'],
  ])('%s becomes %s', (from, to) => {
    expect(ColumnDefinition.parse(from).notNull()).toBe(to);
    expect(ColumnDefinition.parse(from).toString()).toBe(from);
    expect(ColumnDefinition.parse(to).nullable).toBe(false);
  });

  it('is taken apart', () => {
    const parsed = ColumnDefinition.parse(
      "timestamp(3) NOT NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3) COMMENT 'x'",
    );
    expect(parsed.type).toBe('timestamp(3)');
    expect(parsed.default).toBe('current_timestamp(3)');
    expect(parsed.onUpdate).toBe('current_timestamp(3)');
    expect(parsed.bare()).toBe('timestamp(3) NULL');
    expect(parsed.withType('datetime').toString()).toBe(
      "datetime NOT NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3) COMMENT 'x'",
    );
  });

  it('is found in the text of its table, and so are indexes', () => {
    const text =
      "CREATE TABLE `t` (\n  `na``me` int DEFAULT '1, ',\n  `b` text,\n  PRIMARY KEY (`b`),\n  UNIQUE KEY `u``x` (`b`,`na``me` DESC) COMMENT 'a, b',\n  KEY `k` (`b`)\n) ENGINE=InnoDB";
    expect([...columnDefinitions(text)]).toEqual([
      ['na`me', "int DEFAULT '1, '"],
      ['b', 'text'],
    ]);
    expect(indexDefinitions(text)).toEqual([
      { kind: 'UNIQUE KEY', name: 'u`x', definition: "(`b`,`na``me` DESC) COMMENT 'a, b'" },
      { kind: 'KEY', name: 'k', definition: '(`b`)' },
    ]);
  });
});

it.each([
  ['INTEGER', 'int(11)', true],
  ['boolean', 'tinyint(1)', true],
  ['bigint unsigned', 'bigint(20) unsigned', true],
  ['decimal(10)', 'decimal(10,0)', true],
  ['numeric', 'decimal(10, 0)', true],
  ["enum('A', 'b')", "enum('A','b')", true],
  ["enum('A')", "enum('a')", false],
  ['varchar(20)', 'varchar(21)', false],
  ['json', 'longtext', true],
  ['char', 'char(1)', true],
  ['timestamp(0)', 'timestamp', true],
  ['int', 'int unsigned', false],
])('the types %s and %s are the same: %s', (one, other, same) => {
  expect(canonicalType(one, 'mariadb') === canonicalType(other, 'mariadb')).toBe(same);
});

it.each([
  ['1.50', "'1.50'", true],
  ['(now())', 'CURRENT_TIMESTAMP', true],
  ['now(3)', 'current_timestamp(3)', true],
  ['true', "'1'", true],
  [null, 'NULL', true],
  ["'A'", "'a'", false],
])('the defaults %s and %s are the same: %s', (one, other, same) => {
  expect(canonicalDefault(one) === canonicalDefault(other)).toBe(same);
});

it('algorithm and lock are asserted as each statement takes them', () => {
  expect(asserted('ALTER TABLE t ADD x int; ', 'INPLACE', 'NONE')).toBe(
    'ALTER TABLE t ADD x int\n, ALGORITHM=INPLACE, LOCK=NONE',
  );
  expect(asserted('CREATE UNIQUE INDEX u ON t (a);', 'INPLACE', 'NONE')).toBe(
    'CREATE UNIQUE INDEX u ON t (a)\nALGORITHM=INPLACE LOCK=NONE',
  );
  expect(asserted('ALTER TABLE t ADD x int, ALGORITHM=INSTANT;', 'INPLACE')).toBe(
    'ALTER TABLE t ADD x int, ALGORITHM=INSTANT',
  );
});

it.each([
  ['a > 0', 'NEW.`a` > 0'],
  ['`a` <> \'a\' and "a" <> A', 'NEW.`a` <> \'a\' and "a" <> NEW.`a`'],
  ['left(a, 3) + t.a + other.a + a.b', 'left(NEW.`a`, 3) + NEW.`a` + other.a + a.b'],
  ['`t`.`a` is null -- a', 'NEW.`a` is null -- a'],
  ['b', 'b'],
])('%s reads in a trigger as %s', (expression, expected) => {
  const facts = {
    table: { schema: null, name: 't' },
    columns: [{ name: 'a' }],
  } as unknown as TableFacts;
  expect(inRow(expression, facts, 'NEW')).toBe(expected);
});
