import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutsOf, sameKey } from '../../src/backfill/cut-ranges.js';
import {
  MAX_ROWS,
  MIN_ROWS,
  nextChunkRows,
  remember,
  type ChunkTiming,
} from '../../src/backfill/chunk-size.js';
import { valuesBetween } from '../../src/backfill/mysql/between.js';
import { kindOf, MysqlKey } from '../../src/backfill/mysql/key-sql.js';
import { pacedRows, pauseAfter } from '../../src/backfill/pace.js';
import { beginSearch, measure, type WidthSearch } from '../../src/backfill/width.js';
import { yieldingTarget } from '../../src/backfill/yielding.js';

describe('the rows of the next chunk', () => {
  const timing = (rows: number, ms: number): ChunkTiming => ({ rows, ms });
  it.each([
    ['none was done: as many as now', 1000, [], 1000],
    ['the last fits: the same', 1000, [timing(1000, 500)], 1000],
    ['twice too slow: half', 1000, [timing(1000, 1000)], 500],
    ['far faster: half as many again, no more', 1000, [timing(1000, 10)], 1500],
    ['far over: a tenth', 1000, [timing(1000, 2501)], 100],
    ['never fewer than ten', 20, [timing(20, 10_000)], MIN_ROWS],
    ['never more than the cap', 40_000, [timing(40_000, 1)], MAX_ROWS],
    [
      'one slow chunk of ten counts, one of eleven is forgotten',
      1000,
      [timing(1000, 900), ...Array.from({ length: 9 }, () => timing(1000, 500))],
      1000,
    ],
    [
      'two slow chunks of ten count',
      1000,
      [
        timing(1000, 1000),
        timing(1000, 1000),
        ...Array.from({ length: 8 }, () => timing(1000, 500)),
      ],
      500,
    ],
  ] as const)('%s', (_, rows, timings, expected) => {
    expect(nextChunkRows(rows, timings, 500)).toBe(expected);
  });

  it('settles where a chunk takes its target, whatever a row takes', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 20, noNaN: true }), (msPerRow) => {
        let rows = 200;
        let timings: readonly ChunkTiming[] = [];
        for (let chunk = 0; chunk < 60; chunk += 1) {
          timings = remember(timings, { rows, ms: rows * msPerRow });
          rows = nextChunkRows(rows, timings, 500);
        }
        const ms = rows * msPerRow;
        expect(ms).toBeGreaterThan(400);
        expect(ms).toBeLessThan(600);
      }),
    );
  });

  it('is within its limits and grows by half at most, whatever was measured', () => {
    const timings = fc.array(
      fc.record({ rows: fc.nat(MAX_ROWS), ms: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.integer({ min: MIN_ROWS, max: MAX_ROWS }), timings, (rows, measured) => {
        const next = nextChunkRows(rows, measured, 300);
        expect(Number.isInteger(next)).toBe(true);
        expect(next).toBeGreaterThanOrEqual(MIN_ROWS);
        expect(next).toBeLessThanOrEqual(Math.min(MAX_ROWS, Math.ceil(rows * 1.5)));
      }),
    );
  });

  it('remembers ten', () => {
    let timings: readonly ChunkTiming[] = [];
    for (let chunk = 0; chunk < 25; chunk += 1) timings = remember(timings, timing(chunk, 1));
    expect(timings.map(({ rows }) => rows)).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
  });
});

describe('a limit of rows a second', () => {
  it('makes chunks no larger than a second of it, and pauses for the rest', () => {
    expect(pacedRows(10_000, null)).toBe(10_000);
    expect(pacedRows(10_000, 500)).toBe(500);
    expect(pacedRows(10_000, 0.5)).toBe(1);
    expect(pauseAfter(500, 100, 500)).toBe(900);
    expect(pauseAfter(500, 2000, 500)).toBe(0);
    expect(pauseAfter(500, 0, null)).toBe(0);
  });
});

describe('how long chunks take while others wait', () => {
  it('is a quarter when somebody was seen, and comes back slowly', () => {
    expect(yieldingTarget(500, 500, 1)).toBe(125);
    expect(yieldingTarget(25, 500, 3)).toBe(20);
    expect(yieldingTarget(100, 500, 0)).toBeCloseTo(110);
    expect(yieldingTarget(490, 500, 0)).toBe(500);
    expect(yieldingTarget(5, 5, 1)).toBe(5);
  });
});

describe('the number of ranges side by side', () => {
  /** Four seconds at each width, at the rate that the table gives. */
  const search = (rates: Readonly<Record<number, number>>, most = 4): WidthSearch => {
    let state = beginSearch(0);
    for (let now = 100; now < 30_000 && !state.decided; now += 100) {
      state = measure(state, (rates[state.width] ?? 0) / 10, now, most);
    }
    return state;
  };
  it.each([
    ['twice as fast each time: four', { 1: 1000, 2: 2000, 4: 4000 }, 4, 4],
    ['two bring it, four do not', { 1: 1000, 2: 1900, 4: 2000 }, 4, 2],
    ['two are slower: one', { 1: 1000, 2: 700 }, 4, 1],
    ['hardly more is not worth it', { 1: 1000, 2: 1100 }, 4, 1],
    ['no more than there are', { 1: 1000, 2: 2000, 4: 4000 }, 3, 2],
  ])('%s', (_, rates, most, width) => {
    expect(search(rates, most)).toMatchObject({ width, decided: true });
  });
});

describe('where a table is cut', () => {
  const keys = (count: number) => Array.from({ length: count }, (_, index) => [String(index)]);
  it.each([
    [4, 100, ['25', '50', '75']],
    [1, 100, []],
    [3, 2, ['0', '1']],
    [4, 0, []],
  ])('%s ranges by %s keys', (ranges, count, cuts) => {
    expect(cutsOf(keys(count), ['bound'], ranges).map(([key]) => key)).toEqual(cuts);
  });
  it('never twice at one key, and never at the bound', () => {
    expect(cutsOf([['1'], ['1'], ['9']], ['9'], 4)).toEqual([['1']]);
  });
  it('tells keys apart by all of their parts', () => {
    expect(sameKey(['a', 'b'], ['a', 'b'])).toBe(true);
    expect(sameKey(['a', 'b'], ['a', 'c'])).toBe(false);
    expect(sameKey(null, null)).toBe(true);
    expect(sameKey(['a'], null)).toBe(false);
  });
});

describe('values between two keys on MySQL', () => {
  it.each([
    ['integer', '1', '1000000'],
    ['integer', '9223372036854775808', '18446744073709551615'],
    ['decimal', '0.5', '900.25'],
    ['text', 'user-aaaa', 'user-zzzz'],
    ['binary', '00FF', 'FF00'],
    ['date', '2020-01-01', '2024-12-31'],
    ['datetime', '2020-01-01 00:00:00.000001', '2020-01-01 10:00:00'],
  ] as const)('%s from %s to %s', (kind, low, high) => {
    const values = valuesBetween(kind, low, high);
    expect(values.length).toBeGreaterThan(10);
    expect([...values]).toEqual([...new Set(values)]);
    const order = (value: string) =>
      kind === 'integer' || kind === 'decimal' ? Number(value) : value.toLowerCase();
    for (const value of values) {
      expect(order(value) >= order(low)).toBe(true);
      expect(order(value) <= order(high)).toBe(true);
    }
  });
  it('are none where nothing fits in between', () => {
    expect(valuesBetween('time', '10:00:00', '11:00:00')).toEqual([]);
    expect(valuesBetween('date', 'no date', 'nor this')).toEqual([]);
  });
});

describe('keys of MySQL in SQL', () => {
  it.each([
    ['bigint unsigned', 'integer'],
    ["enum('a','b')", 'integer'],
    ['decimal(20,4)', 'decimal'],
    ['varchar(80)', 'text'],
    ['varbinary(16)', 'binary'],
    ['timestamp(3)', 'datetime'],
    ['uuid', 'other'],
  ])('%s is %s', (type, kind) => {
    expect(kindOf(type)).toBe(kind);
  });

  it('are written out, with the first column alone in front', () => {
    const key = new MysqlKey([
      { column: 'a', type: 'int' },
      { column: 'b', type: 'varchar(9)' },
    ]);
    expect(key.above(key.values(['1', 'x']))).toBe(
      "`a` >= 1 and ((`a` > 1) or (`a` = 1 and `b` > 'x'))",
    );
    expect(key.upTo(key.values(['2', "it's"]))).toBe(
      "`a` <= 2 and ((`a` < 2) or (`a` = 2 and `b` <= _utf8mb4 X'69742773'))",
    );
  });

  it('let nothing but a number stand as one', () => {
    const key = new MysqlKey([{ column: 'a', type: 'int' }]);
    expect(() => key.values(['1 or 1 = 1'])).toThrow(SyntaxError);
  });
});
