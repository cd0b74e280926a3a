import fc from 'fast-check';
import type { Impact } from '../../../src/statements/statement.js';

/** One migration of the history's journal: what it does to the columns of one table. */
export interface Step {
  readonly tag: string;
  readonly impact: Impact;
  readonly adds: readonly string[];
  readonly drops: readonly string[];
}

/** Something that happens to a fleet. Numbers that pick a replica or a build are taken modulo what there is. */
export type Happening =
  | { readonly kind: 'start'; readonly build: number; readonly registers: boolean }
  | { readonly kind: 'refresh'; readonly replica: number }
  | { readonly kind: 'pause'; readonly replica: number }
  | { readonly kind: 'wake'; readonly replica: number }
  | { readonly kind: 'stop'; readonly replica: number }
  | { readonly kind: 'kill'; readonly replica: number }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'truncate' }
  | { readonly kind: 'poison'; readonly on: boolean }
  | ({ readonly kind: 'up' } & Run)
  /** The way back to the first `to` steps. */
  | ({ readonly kind: 'down'; readonly to: number } & Run);

/** A run, and what comes in between. */
export interface Run {
  readonly build: number;
  readonly said: 'nothing' | 'confirmed' | 'downtime';
  /** A build that starts while the run is between its look and its act; null = none. */
  readonly boots: number | null;
  /** Before or behind the announcement. */
  readonly when: 'before' | 'behind';
}

/** A journal that grows release by release, and what happens. Build `n` ships the first `n` steps. */
export interface History {
  readonly steps: readonly Step[];
  readonly happenings: readonly Happening[];
}

/** Columns of the first migration: those that contracts drop and breaking migrations rename, so that every older build uses them. */
const BASE = ['b0', 'b1', 'b2', 'b3', 'b4'];

/** The columns after the first `count` steps. */
export function columnsAfter(steps: readonly Step[], count: number): ReadonlySet<string> {
  const columns = new Set<string>();
  for (const { adds, drops } of steps.slice(0, count)) {
    for (const column of drops) columns.delete(column);
    for (const column of adds) columns.add(column);
  }
  return columns;
}

const impacts = fc.array(fc.constantFrom<Impact>('expand', 'contract', 'breaking'), {
  minLength: 1,
  maxLength: 4,
});

function stepsOf(kinds: readonly Impact[]): readonly Step[] {
  const left = [...BASE];
  const steps: Step[] = [{ tag: '0000_base', impact: 'expand', adds: BASE, drops: [] }];
  for (const [index, impact] of kinds.entries()) {
    const tag = `000${index + 1}_${impact}`;
    const dropped = impact === 'expand' ? undefined : left.shift();
    const adds = impact === 'contract' ? [] : [`n${index}`];
    steps.push({ tag, impact, adds, drops: dropped === undefined ? [] : [dropped] });
  }
  return steps;
}

const replica = fc.nat(20);
const build = fc.nat(20);

const run = {
  build,
  said: fc.oneof(
    { weight: 8, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constantFrom('confirmed' as const, 'downtime' as const) },
  ),
  boots: fc.option(build, { freq: 3 }),
  when: fc.constantFrom('before', 'behind'),
};

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('start'), build, registers: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('refresh'), replica }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause'), replica }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wake'), replica }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('stop'), replica }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill'), replica }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass'),
      seconds: fc.constantFrom(2, 12, 36, 120, 400),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('poison'), on: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('up'), ...run }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('down'), to: fc.nat(20), ...run }),
  },
) as fc.Arbitrary<Happening>;

/** Any history. @param length of it at most */
export function histories(length: number): fc.Arbitrary<History> {
  return fc.record({
    steps: impacts.map(stepsOf),
    happenings: fc.array(happening, { minLength: 3, maxLength: length }),
  });
}
