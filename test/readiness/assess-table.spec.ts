import { assess, type AssessInput } from '../../src/readiness/assess.js';
import type {
  Readiness,
  ReadinessObservation,
  ReadinessState,
} from '../../src/readiness/readiness.js';
import { READINESS_DEFAULTS } from '../../src/resolve-options.js';
import { attempt, known, read, row, type Entry } from './observations.js';

const A: Entry = { tag: '0000_a' };
const B: Entry = { tag: '0001_b' };
const applied = [A, B];

interface Row {
  readonly row: string;
  readonly entries?: readonly Entry[];
  readonly observation: ReadinessObservation;
  /** Never ready yet; already ready, after two bad reads. */
  readonly expected: readonly [ReadinessState, ReadinessState];
  readonly reason: Readiness['reasons'][number];
}

const unknownAhead = [row('0002_c', 9000)];

// The table of operating.md 2.3, one row a row; row 0 belongs to Terminus, 4a and 10a need operations and fleet.
const table: readonly Row[] = [
  {
    row: '1 nothing evaluated',
    observation: { kind: 'none' },
    expected: ['down', 'down'],
    reason: { code: 'unknown' },
  },
  {
    row: '2 database unreachable, within the grace',
    observation: { kind: 'unreachable' },
    expected: ['down', 'degraded'],
    reason: { code: 'db_unreachable' },
  },
  {
    row: '3 ledger missing',
    observation: read(applied, { version: null }),
    expected: ['down', 'down'],
    reason: { code: 'uninitialised' },
  },
  {
    row: '3 ledger unreadable',
    observation: { kind: 'no-permission' },
    expected: ['down', 'down'],
    reason: { code: 'no_permission' },
  },
  {
    row: '4 an expand is pending',
    entries: [A, { ...B, verdict: 'pending' }],
    observation: read([A, { ...B, verdict: 'pending' }]),
    expected: ['down', 'down'],
    reason: { code: 'behind', tags: ['0001_b'], count: 1 },
  },
  {
    row: '4 a breaking one is pending',
    entries: [A, { ...B, impact: 'breaking' }],
    observation: read([A, { ...B, verdict: 'pending' }]),
    expected: ['down', 'down'],
    reason: { code: 'behind', tags: ['0001_b'], count: 1 },
  },
  {
    row: '4 one whose impact cannot be read is pending',
    entries: [A, { ...B, impact: null }],
    observation: read([A, { ...B, verdict: 'pending' }]),
    expected: ['down', 'down'],
    reason: { code: 'behind', tags: ['0001_b'], count: 1 },
  },
  {
    row: '4 one that is not proven applied',
    observation: read([A, { ...B, verdict: 'ambiguous' }]),
    expected: ['down', 'down'],
    reason: { code: 'behind', tags: ['0001_b'], count: 1 },
  },
  {
    row: '4 a required one is running',
    observation: read([A, { ...B, verdict: 'pending' }], {
      attempts: [attempt('0001_b', 2000, { state: 'running' })],
    }),
    expected: ['down', 'down'],
    reason: { code: 'behind', tags: ['0001_b'], count: 1 },
  },
  ...(['failed', 'interrupted'] as const).map((state): Row => ({
    row: `4 a required one ${state}`,
    observation: read([A, { ...B, verdict: 'pending' }], {
      attempts: [attempt('0001_b', 2000, { state })],
    }),
    expected: ['down', 'down'],
    reason: { code: 'behind', tags: ['0001_b'], count: 1, failed: true },
  })),
  {
    row: '4b a marker is missing',
    observation: read(applied, { missingMarkers: ['countries'] }),
    expected: ['down', 'down'],
    reason: { code: 'marker_missing', tags: ['countries'], count: 1 },
  },
  ...(['running', 'done', 'interrupted'] as const).map((state): Row => ({
    row: `5 a contract that this build does not know is ${state}`,
    observation: read(applied, {
      attempts: [
        attempt('0002_c', 9000, {
          ...{ state, impact: 'contract', requires: '0002_c' },
          statementCursor: state === 'interrupted' ? 1 : 0,
        }),
      ],
    }),
    expected: ['down', 'down'],
    reason: { code: 'ahead_incompatible', tags: ['0002_c'], count: 1 },
  })),
  {
    row: '5 one that failed after some of its statements',
    observation: read(applied, {
      attempts: [
        attempt('0002_c', 9000, { state: 'failed', requires: '0002_c', statementCursor: 1 }),
      ],
    }),
    expected: ['down', 'down'],
    reason: { code: 'ahead_incompatible', tags: ['0002_c'], count: 1 },
  },
  {
    row: '5 one that failed with a statement in doubt',
    observation: read(applied, {
      attempts: [attempt('0002_c', 9000, { state: 'failed', requires: '0002_c', inFlight: 0 })],
    }),
    expected: ['down', 'down'],
    reason: { code: 'ahead_incompatible', tags: ['0002_c'], count: 1 },
  },
  {
    row: '5 not: one that failed and was rolled back whole is row 9',
    observation: read(applied, {
      attempts: [attempt('0002_c', 9000, { state: 'failed', requires: '0002_c' })],
    }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'migration_failed', tags: ['0002_c'], count: 1 },
  },
  {
    row: '5 not: one that was interrupted before its first statement is row 9',
    observation: read(applied, {
      attempts: [attempt('0002_c', 9000, { state: 'interrupted', requires: '0002_c' })],
    }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'migration_failed', tags: ['0002_c'], count: 1 },
  },
  {
    row: '5 not: somebody answered that its first statement, which was in doubt, did not take effect',
    observation: read(applied, {
      attempts: [
        attempt('0002_c', 9000, { id: '9', state: 'interrupted', requires: '0002_c', inFlight: 0 }),
        attempt('0002_c', 9000, {
          id: '10',
          kind: 'repair',
          resolution: 'rolled-back',
          requires: '0002_c',
        }),
      ],
    }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'migration_failed', tags: ['0002_c'], count: 1 },
  },
  {
    row: '5 an answer older than the attempt answers nothing',
    observation: read(applied, {
      attempts: [
        attempt('0002_c', 9000, { id: '9', kind: 'repair', resolution: 'rolled-back' }),
        attempt('0002_c', 9000, { id: '10', state: 'running', requires: '0002_c' }),
      ],
    }),
    expected: ['down', 'down'],
    reason: { code: 'ahead_incompatible', tags: ['0002_c'], count: 1 },
  },
  {
    row: '5 not: the tag it requires was renamed in the folder',
    observation: read(applied, {
      attempts: [
        attempt('0001_old_name', 2000, {
          requires: '0001_old_name',
          fileChecksum: 'hash-of-0001_b',
        }),
      ],
    }),
    expected: ['up', 'up'],
    reason: { code: 'current' },
  },
  {
    row: '6 an unknown one between those this build knows',
    observation: read(applied, { unknown: [row('0000_hotfix', 1500)] }),
    expected: ['down', 'degraded'],
    reason: { code: 'diverged', tags: ['#0000_hotfix'], count: 1 },
  },
  {
    row: '6 also where it declares itself compatible',
    observation: read(applied, {
      unknown: [row('0000_hotfix', 1500)],
      attempts: [attempt('0000_hotfix', 1500)],
    }),
    expected: ['down', 'degraded'],
    reason: { code: 'diverged', tags: ['0000_hotfix'], count: 1 },
  },
  {
    row: '6 not: older than the whole journal is history that the folder no longer ships',
    observation: read(applied, { unknown: [row('squashed', 500)] }),
    expected: ['up', 'up'],
    reason: { code: 'current' },
  },
  {
    row: '7 ahead by an expand',
    observation: read(applied, {
      unknown: unknownAhead,
      attempts: [attempt('0002_c', 9000)],
    }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'ahead', tags: ['0002_c'], count: 1 },
  },
  {
    row: '7 ahead by a contract that requires what this build knows',
    observation: read(applied, {
      unknown: unknownAhead,
      attempts: [attempt('0002_c', 9000, { impact: 'contract', requires: '0001_b' })],
    }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'ahead', tags: ['0002_c'], count: 1 },
  },
  {
    row: '8 ahead by something that stock migrate() applied',
    observation: read(applied, { unknown: unknownAhead }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'ahead_undeclared', tags: ['#0002_c'], count: 1 },
  },
  {
    row: '8 one that was repaired as applied without an attempt: nobody said what it means',
    observation: read(applied, {
      unknown: unknownAhead,
      attempts: [attempt('0002_c', 9000, { kind: 'repair', resolution: 'applied', impact: null })],
    }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'ahead_undeclared', tags: ['#0002_c'], count: 1 },
  },
  {
    row: '8 a row without a time',
    observation: read(applied, { unknown: [row('by-hand', null, 'by_hand')] }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'ahead_undeclared', tags: ['by_hand'], count: 1 },
  },
  {
    row: "9 a newer build's migration is running",
    observation: read(applied, { attempts: [attempt('0002_c', 9000, { state: 'running' })] }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'migration_in_progress', tags: ['0002_c'], count: 1 },
  },
  ...(['failed', 'interrupted'] as const).map((state): Row => ({
    row: `9 a newer build's migration ${state}`,
    observation: read(applied, { attempts: [attempt('0002_c', 9000, { state })] }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'migration_failed', tags: ['0002_c'], count: 1 },
  })),
  {
    row: '9 an own contract failed',
    entries: [A, { ...B, impact: 'contract' }],
    observation: read([A, { ...B, verdict: 'pending' }], {
      attempts: [attempt('0001_b', 2000, { state: 'failed', requires: '0001_b' })],
    }),
    expected: ['degraded', 'degraded'],
    reason: { code: 'migration_failed', tags: ['0001_b'], count: 1 },
  },
  {
    row: '9 not: an old failure of what has been applied since',
    observation: read(applied, {
      attempts: [attempt('0001_b', 2000, { state: 'failed' })],
    }),
    expected: ['up', 'up'],
    reason: { code: 'current' },
  },
  ...(['edited', 'edited-before-adoption'] as const).map((verdict): Row => ({
    row: `10 ${verdict}`,
    observation: read([A, { ...B, verdict }]),
    expected: ['degraded', 'degraded'],
    reason: { code: 'checksum', tags: ['0001_b'], count: 1 },
  })),
  {
    row: '10 only comments changed',
    observation: read([A, { ...B, verdict: 'comments-changed' }]),
    expected: ['up', 'up'],
    reason: { code: 'comments_changed', tags: ['0001_b'], count: 1 },
  },
  ...(['line-endings', 'renamed', 'retimed', 'name-missing'] as const).map((verdict): Row => ({
    row: `12 ${verdict} is applied`,
    observation: read([A, { ...B, verdict }]),
    expected: ['up', 'up'],
    reason: { code: 'current' },
  })),
  {
    row: '11 an own contract is pending',
    entries: [A, { ...B, impact: 'contract' }],
    observation: read([A, { ...B, verdict: 'pending' }]),
    expected: ['up', 'up'],
    reason: { code: 'contract_pending', tags: ['0001_b'], count: 1 },
  },
  {
    row: '12 all well',
    observation: read(applied),
    expected: ['up', 'up'],
    reason: { code: 'current' },
  },
];

function input(over: Partial<AssessInput>): AssessInput {
  return {
    known: known(applied),
    observation: { kind: 'none' },
    options: READINESS_DEFAULTS,
    wasReady: false,
    serving: false,
    badReads: 2,
    unreachableMs: 1000,
    ...over,
  };
}

describe('assess', () => {
  it.each(table)('row $row', ({ entries = applied, observation, expected, reason }) => {
    const never = assess(input({ known: known(entries), observation, badReads: 1 }));
    const already = assess(
      input({ known: known(entries), observation, wasReady: true, serving: true }),
    );
    expect([never.state, already.state]).toEqual(expected);
    expect(never.reasons[0]).toEqual(reason);
    expect(already.reasons[0]).toEqual(reason);
  });

  it('lists what else there is to say behind the reason that decides', () => {
    const { reasons } = assess(
      input({
        observation: read([A, { ...B, verdict: 'pending' }], {
          missingMarkers: ['countries'],
          unknown: unknownAhead,
        }),
      }),
    );
    expect(reasons.map(({ code }) => code)).toEqual([
      'behind',
      'marker_missing',
      'ahead_undeclared',
    ]);
  });

  it('names ten tags and counts the rest', () => {
    const entries = Array.from({ length: 30 }, (_, index): Entry => ({
      tag: `t${index}`,
      verdict: 'pending',
    }));
    const [reason] = assess(input({ known: known(entries), observation: read(entries) })).reasons;
    expect(reason).toMatchObject({ code: 'behind', count: 30 });
    expect(reason?.tags).toHaveLength(10);
  });

  it('is down where this build ships no migration: nothing configured is not ready', () => {
    expect(assess(input({ known: [], observation: read([]) }))).toEqual({
      state: 'down',
      reasons: [{ code: 'unknown' }],
    });
  });
});

describe('a replica that serves', () => {
  const serving = { wasReady: true, serving: true };

  it('survives one bad read, visibly, and not two', () => {
    const observation = read([A, { ...B, verdict: 'pending' }]);
    const [first, second] = [1, 2].map((badReads) =>
      assess(input({ ...serving, observation, badReads })),
    );
    expect(first).toEqual({
      state: 'degraded',
      reasons: [{ code: 'behind', tags: ['0001_b'], count: 1 }],
    });
    expect(second?.state).toBe('down');
  });

  it('is down once the database has been unreachable for longer than the grace', () => {
    const observation = { kind: 'unreachable' } as const;
    const states = [14_999, 15_000].map(
      (unreachableMs) => assess(input({ ...serving, observation, unreachableMs })).state,
    );
    expect(states).toEqual(['degraded', 'down']);
  });

  it('keeps serving for ever with onUnreachable last-known', () => {
    const options = { ...READINESS_DEFAULTS, onUnreachable: 'last-known' } as const;
    const observation = { kind: 'unreachable' } as const;
    expect(assess(input({ ...serving, options, observation, unreachableMs: 1e9 })).state).toBe(
      'degraded',
    );
  });
});

describe('a replica that was taken down', () => {
  const fallen = { wasReady: true, serving: false };

  it('is not revived by losing the database as well, with either choice of onUnreachable', () => {
    for (const onUnreachable of ['down', 'last-known'] as const) {
      const options = { ...READINESS_DEFAULTS, onUnreachable };
      const observation = { kind: 'unreachable' } as const;
      expect(assess(input({ ...fallen, options, observation, unreachableMs: 0 })).state).toBe(
        'down',
      );
    }
  });

  it('comes back after one good read', () => {
    expect(assess(input({ ...fallen, observation: read(applied), badReads: 0 })).state).toBe('up');
  });
});

describe('options', () => {
  const diverged = read(applied, { unknown: [row('x', 1500)] });
  const undeclared = read(applied, { unknown: unknownAhead });
  const edited = read([A, { ...B, verdict: 'edited' }]);
  it.each([
    {
      name: 'diverged degraded',
      over: { diverged: 'degraded' },
      observation: diverged,
      never: 'degraded',
    },
    {
      name: 'unknownAhead down',
      over: { unknownAhead: 'down' },
      observation: undeclared,
      never: 'down',
    },
    { name: 'checksum down', over: { checksum: 'down' }, observation: edited, never: 'down' },
  ] as const)(
    '$name decides for replicas that never were ready',
    ({ over, observation, never }) => {
      const options = { ...READINESS_DEFAULTS, ...over };
      expect(assess(input({ options, observation })).state).toBe(never);
      expect(assess(input({ options, observation, wasReady: true, serving: true })).state).toBe(
        'degraded',
      );
    },
  );

  it('a strict option decides although a milder row stands before it', () => {
    const options = { ...READINESS_DEFAULTS, checksum: 'down' } as const;
    const observation = read([A, { ...B, verdict: 'edited' }], { unknown: unknownAhead });
    expect(assess(input({ options, observation }))).toMatchObject({
      state: 'down',
      reasons: [{ code: 'checksum' }, { code: 'ahead_undeclared' }],
    });
  });
});
