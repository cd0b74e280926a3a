import fc from 'fast-check';
import type { Impact } from '../../../src/statements/statement.js';

/** One migration of the history's journal: what it does to the columns of one table. */
export interface Step {
  readonly tag: string;
  readonly impact: Impact;
  readonly adds: readonly string[];
  readonly drops: readonly string[];
  /** Whose phase it calls; absent = it is plain SQL. */
  readonly operation?: {
    readonly name: string;
    readonly phase: 'expand' | 'rows' | 'contract';
    readonly from: string;
    readonly to: string;
  };
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
  | ({ readonly kind: 'up'; readonly rows: 'up' | 'worker' } & Run)
  /** A worker goes through the rows that were left to it. */
  | { readonly kind: 'worker' }
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

/** What a release changes: a migration of one impact, or a rename in three of them. */
type Change = Impact | 'rename';

const changes = fc.array(fc.constantFrom<Change>('expand', 'contract', 'breaking', 'rename'), {
  minLength: 1,
  maxLength: 4,
});

/** The tag of the migration at a position. */
export function tagAt(position: number, impact: Impact): string {
  return `${String(position).padStart(4, '0')}_${impact}`;
}

/** What builds that read a new form alone need beside the column: that its rows are filled. */
export function filled(column: string): string {
  return `filled ${column}`;
}

function stepsOf(made: readonly Change[]): readonly Step[] {
  const left = [...BASE];
  const steps: Step[] = [{ tag: '0000_base', impact: 'expand', adds: BASE, drops: [] }];
  const add = (impact: Impact, step: Omit<Step, 'tag' | 'impact'>): void => {
    steps.push({ tag: tagAt(steps.length, impact), impact, ...step });
  };
  for (const [index, change] of made.entries()) {
    const [from = ''] = left;
    const to = `n${index}`;
    if (change !== 'expand') left.shift();
    if (change === 'rename') {
      const operation = (phase: 'expand' | 'rows' | 'contract') => ({
        operation: { name: `rename-${from}`, phase, from, to },
      });
      add('expand', { adds: [to], drops: [], ...operation('expand') });
      // Required by whoever ships it, although nobody reads it.
      add('expand', { adds: [`marker of ${to}`], drops: [], ...operation('rows') });
      add('contract', { adds: [filled(to)], drops: [from], ...operation('contract') });
      continue;
    }
    add(change, {
      adds: change === 'contract' ? [] : [to],
      drops: change === 'expand' ? [] : [from],
    });
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
    arbitrary: fc.record({
      kind: fc.constant('up'),
      rows: fc.constantFrom('up', 'up', 'worker'),
      ...run,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('worker') }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('down'), to: fc.nat(20), ...run }),
  },
) as fc.Arbitrary<Happening>;

/** Any history. @param length of it at most */
export function histories(length: number): fc.Arbitrary<History> {
  return fc.record({
    steps: changes.map(stepsOf),
    happenings: fc.array(happening, { minLength: 3, maxLength: length }),
  });
}
