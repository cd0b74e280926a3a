import { describe, expect, it } from '@jest/globals';
import { areAtWork, lookedAround, NOBODY } from '../../src/backfill/others.js';
import { Restraint } from '../../src/backfill/restraint.js';

describe('others', () => {
  const first = lookedAround(NOBODY, 1_000_000, 0, 0);

  it('are who writes more than a handful since the last look, ours not counted', () => {
    expect(areAtWork(first)).toBe(false);
    const ours = lookedAround(first, 1_000_510, 500, 1000);
    expect(areAtWork(ours)).toBe(false);
    expect(areAtWork(lookedAround(ours, 1_000_521, 500, 2000))).toBe(true);
  });

  it('count as there for ten looks', () => {
    let others = lookedAround(first, 1_000_100, 0, 1000);
    for (let look = 0; look < 9; look++) others = lookedAround(others, 1_000_100, 0, 2000);
    expect(areAtWork(others)).toBe(true);
    expect(areAtWork(lookedAround(others, 1_000_100, 0, 2000))).toBe(false);
  });

  it('are told by what they write in a second, however long nobody has looked', () => {
    expect(areAtWork(lookedAround(first, 1_000_900, 0, 100_000))).toBe(false);
    expect(areAtWork(lookedAround(first, 1_001_100, 0, 100_000))).toBe(true);
  });

  it('are not there where it cannot be told', () => {
    expect(areAtWork(lookedAround(first, null, 0, 1000))).toBe(false);
  });
});

describe('a pass beside others', () => {
  it('takes one range at a time and chunks of 50 ms, and grows again once they are gone', () => {
    const restraint = new Restraint({ ranges: null, targetMs: null }, 500);
    restraint.sawWrites(0, 0);
    expect([restraint.width(4), restraint.targetMs]).toEqual([4, 500]);
    expect(restraint.sawWrites(100, 1000)).toBe(true);
    expect([restraint.width(4), restraint.targetMs]).toEqual([1, 50]);
    for (let look = 2; look < 11; look++) expect(restraint.sawWrites(100, look * 1000)).toBe(false);
    expect([restraint.width(4), restraint.targetMs]).toEqual([1, 50]);
    expect(restraint.sawWrites(100, 11_000)).toBe(true);
    expect([restraint.width(4), restraint.targetMs]).toEqual([4, 500]);
  });

  it('takes shorter chunks still while somebody waits for its rows', () => {
    const restraint = new Restraint({ ranges: null, targetMs: null }, 500);
    restraint.sawBlocked(1);
    expect(restraint.targetMs).toBe(125);
    restraint.sawWrites(0, 0);
    restraint.sawWrites(100, 1000);
    restraint.sawBlocked(1);
    expect(restraint.targetMs).toBe(20);
    for (let look = 0; look < 50; look++) restraint.sawBlocked(0);
    expect(restraint.targetMs).toBe(50);
  });

  it('takes what the user has fixed', () => {
    const restraint = new Restraint({ ranges: 4, targetMs: 200 }, 200);
    restraint.sawWrites(0, 0);
    restraint.sawWrites(100, 1000);
    expect([restraint.width(4), restraint.targetMs]).toEqual([4, 200]);
  });
});
