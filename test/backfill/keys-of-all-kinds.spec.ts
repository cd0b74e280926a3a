import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runPass } from '../../src/backfill/run-pass.js';
import { BackfillWorld, engines } from './backfill-world.js';

interface KeyCase {
  readonly name: string;
  /** Column, its type, and its value for i = 1, 2, 3, ... */
  readonly columns: readonly (readonly [name: string, type: string, value: string])[];
}

const POSTGRES: readonly KeyCase[] = [
  { name: 'bigint beyond 2^53', columns: [['id', 'bigint', '9007199254740992 + i']] },
  { name: 'uuid', columns: [['id', 'uuid', `md5(i::text)::uuid`]] },
  {
    name: 'text with its collation and quotes',
    columns: [
      ['the key', 'text', `chr(97 + i % 26) || '''"\\' || chr(228 + i % 5) || md5(i::text)`],
    ],
  },
  { name: 'varchar', columns: [['id', 'character varying(40)', `md5(i::text)`]] },
  {
    name: 'composite',
    columns: [
      ['tenant', 'integer', 'i % 7'],
      ['id', 'bigint', 'i'],
    ],
  },
  {
    name: 'composite of three kinds',
    columns: [
      ['day', 'date', `date '2020-01-01' + i % 40`],
      ['name', 'text', `'n' || i % 11`],
      ['id', 'numeric(20,4)', 'i / 8.0'],
    ],
  },
  {
    name: 'timestamptz to the microsecond',
    columns: [
      [
        'at',
        'timestamp with time zone',
        `timestamptz '2024-03-31 00:00:00+00' + i * interval '1.000001 seconds'`,
      ],
    ],
  },
  { name: 'bytea', columns: [['id', 'bytea', `decode(md5(i::text), 'hex')`]] },
  { name: 'double precision', columns: [['id', 'double precision', `i / 3.0`]] },
];

const MYSQL: readonly KeyCase[] = [
  {
    name: 'bigint unsigned beyond 2^63',
    columns: [['id', 'bigint unsigned', '9223372036854775808 + i']],
  },
  {
    name: 'text with its collation and quotes',
    columns: [
      ['the key', 'varchar(80)', `concat(char(97 + i % 26), '''"\\\\?', left(sha2(i, 256), 32))`],
    ],
  },
  {
    name: 'a byte-wise text',
    columns: [['id', 'char(32) character set ascii collate ascii_bin', `left(sha2(i, 256), 32)`]],
  },
  { name: 'binary', columns: [['id', 'varbinary(16)', `unhex(left(sha2(i, 256), 32))`]] },
  {
    name: 'composite',
    columns: [
      ['tenant', 'int', 'i % 7'],
      ['id', 'bigint', 'i'],
    ],
  },
  {
    name: 'composite of three kinds',
    columns: [
      ['day', 'date', `'2020-01-01' + interval (i % 40) day`],
      ['name', 'varchar(20)', `concat('n', i % 11)`],
      ['id', 'decimal(20,4)', 'i / 8'],
    ],
  },
  {
    name: 'datetime(6)',
    columns: [['at', 'datetime(6)', `'2024-03-31 00:00:00' + interval i * 1000001 microsecond`]],
  },
  {
    name: 'timestamp',
    columns: [['at', 'timestamp(3)', `'2024-03-31 06:00:00' + interval i second`]],
  },
  { name: 'double', columns: [['id', 'double', `i / 3e0`]] },
];

const ROWS = 2000;

describe.each(engines)('keys on $name', (version) => {
  let world: BackfillWorld;
  beforeAll(async () => {
    world = await BackfillWorld.create(version);
  });
  afterAll(() => world.drop());

  it.each(version.dialect === 'mysql' ? MYSQL : POSTGRES)(
    '$name: three ranges, small chunks, each row once',
    async ({ columns }) => {
      const quote = version.dialect === 'mysql' ? '`' : '"';
      const name = (column: string) => `${quote}${column}${quote}`;
      await world.query('drop table if exists t');
      await world.query(
        `create table t (${columns.map(([column, type]) => `${name(column)} ${type} not null`).join(', ')}, n int not null,
           primary key (${columns.map(([column]) => name(column)).join(', ')}))`,
      );
      await world.query(
        `insert into t ${world.numbers(ROWS, [...columns.map(([, , value]) => value), '0'].join(', '))}`,
      );
      const spec = world.spec({
        key: columns.map(([column, type]) => ({
          column,
          type: type.replace(/ character set.*/, ''),
        })),
        settings: { ranges: 3, targetMs: 20 },
      });
      const result = await world.asRunner((lock) =>
        runPass(spec, 'backfill', world.deps(lock, { again: true })),
      );
      expect(result).toMatchObject({ rowsDone: ROWS, rowsChanged: ROWS, ranges: 3 });
      const counts = await world.query('select n, count(*) as c from t group by n');
      expect(counts.map((row) => [Number(row['n']), Number(row['c'])])).toEqual([[1, ROWS]]);
      // The cut is of use: no range has nearly everything.
      const sizes = (await world.progress()).map(({ rowsDone }) => rowsDone);
      expect(Math.max(...sizes)).toBeLessThan(ROWS * 0.7);
    },
  );
});
