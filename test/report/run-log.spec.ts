import { ConsoleLogger } from '@nestjs/common';
import type { RunEvent, RunEventBody } from '../../src/run-events.js';
import { describeEvent } from '../../src/report/describe-event.js';
import { logRecordOf } from '../../src/report/log-record.js';
import { createRunLog } from '../../src/report/run-log.js';

const holder = {
  id: 'h',
  host: 'web-1',
  pid: 7,
  app: 'shop',
  startedAt: '2026-01-01T00:00:00Z',
  heldForMs: 65_000,
};

const event = (body: RunEventBody, database = 'default'): RunEvent => ({
  ...body,
  at: 0,
  database,
  runId: 'run-1',
});

const lines: readonly (readonly [RunEventBody, string])[] = [
  [{ type: 'run.started', command: 'up', build: 'v2' }, 'debug up started, run run-1, build v2'],
  [{ type: 'run.planned', unit: 'migration', actions: 0, deferred: 0 }, 'debug nothing to do'],
  [
    { type: 'run.planned', unit: 'migration', actions: 2, deferred: 1 },
    'info 2 migrations to apply, 1 deferred',
  ],
  [
    {
      type: 'run.warning',
      finding: {
        code: 'orphan',
        severity: 'warning',
        message: 'not in the journal',
        file: 'a.sql',
        line: 3,
      },
    },
    'warn orphan: not in the journal (a.sql:3)',
  ],
  [
    {
      type: 'run.warning',
      finding: { code: 'retimed', severity: 'info', message: 'm', tag: '0001' },
    },
    'info retimed: m (0001)',
  ],
  [
    { type: 'run.finished', unit: 'migration', outcome: 'applied', applied: 1, durationMs: 1234 },
    'info 1 migration applied in 1.2 s',
  ],
  [
    {
      type: 'run.finished',
      unit: 'migration',
      outcome: 'nothing-to-do',
      applied: 0,
      durationMs: 9,
    },
    'info nothing to do (9 ms)',
  ],
  [
    {
      type: 'run.finished',
      unit: 'migration',
      outcome: 'failed',
      applied: 0,
      durationMs: 9,
      code: 'MIGRATION_FAILED',
    },
    'error failed after 9 ms with 0 migrations applied: MIGRATION_FAILED',
  ],
  [
    { type: 'run.finished', unit: 'migration', outcome: 'interrupted', applied: 2, durationMs: 9 },
    'warn interrupted after 9 ms with 2 migrations applied',
  ],
  [
    { type: 'lock.waiting', holder, waitedMs: 2000 },
    'info waiting for the lock for 2.0 s: shop on web-1 (pid 7, for 1 min 5 s, holder h)',
  ],
  [
    { type: 'lock.waiting', holder: null, waitedMs: 0 },
    'info waiting for the lock for 0 ms: another session that has not recorded who it is',
  ],
  [{ type: 'lock.acquired', fence: '4', waitedMs: 3 }, 'debug lock acquired after 3 ms, fence 4'],
  [{ type: 'lock.lost', reason: 'session' }, 'error lock lost: session'],
  [{ type: 'lock.released', fence: '4' }, 'debug lock released, fence 4'],
  [
    { type: 'lock.predecessor', holder, action: 'gone' },
    'warn predecessor shop on web-1 (pid 7, for 1 min 5 s, holder h) is gone',
  ],
  [{ type: 'ledger.bootstrapped', version: '0001' }, 'info own tables brought to 0001'],
  [
    { type: 'migration.started', tag: '0003_a', impact: 'expand', statements: 2, from: 1 },
    'info 0003_a started: expand, 2 statements, going on after statement 1',
  ],
  [
    { type: 'migration.finished', tag: '0003_a', impact: 'expand', durationMs: 40, lockWaitMs: 5 },
    'info 0003_a done in 40 ms, of which 5 ms waiting for table locks',
  ],
  [
    {
      type: 'migration.failed',
      tag: '0003_a',
      code: 'MIGRATION_FAILED',
      driver: { code: '42701' },
      statement: 2,
      durationMs: 4,
    },
    'error 0003_a failed at statement 2 after 4 ms: MIGRATION_FAILED (42701)',
  ],
  [
    { type: 'migration.interrupted', tag: '0003_a', cursor: 1 },
    'warn 0003_a interrupted after 1 statement',
  ],
  [
    {
      type: 'statement.started',
      tag: '0003_a',
      statement: 1,
      line: 4,
      summary: 'CREATE INDEX CONCURRENTLY',
      transactional: false,
    },
    'debug 0003_a statement 1, line 4: CREATE INDEX CONCURRENTLY (outside a transaction)',
  ],
  [
    { type: 'statement.finished', tag: '0003_a', statement: 1, durationMs: 5 },
    'debug 0003_a statement 1 done in 5 ms',
  ],
  [
    {
      type: 'statement.blocked',
      tag: '0003_a',
      statement: 1,
      attempt: 2,
      retryInMs: 300,
      blockers: [
        {
          pid: '99',
          role: 'app',
          application: 'web',
          state: 'idle in transaction',
          transactionAgeMs: 94_000,
        },
        { pid: '98', role: null, application: null, state: null, transactionAgeMs: null },
      ],
    },
    'warn 0003_a statement 1 did not get its table lock, try 2; again in 300 ms; held up by session 99 of web (role app, idle in transaction, transaction open for 1 min 34 s); session 98 (role not visible, state not visible (grant pg_read_all_stats))',
  ],
  [
    {
      type: 'statement.blocked',
      tag: '0003_a',
      statement: 1,
      attempt: 0,
      retryInMs: 0,
      blockers: [
        {
          pid: '99',
          role: 'app',
          application: 'web',
          state: 'active',
          transactionAgeMs: null,
        },
      ],
    },
    'warn 0003_a statement 1 waits for a lock; held up by session 99 of web (role app, active)',
  ],
  [
    { type: 'index.rebuilt', tag: '0003_a', index: 'i' },
    'warn 0003_a found index i invalid and rebuilt it',
  ],
  [
    {
      type: 'readiness.changed',
      from: 'up',
      to: 'down',
      reasons: [
        { code: 'behind', tags: ['a', 'b'], count: 5, failed: true },
        { code: 'marker_missing' },
      ],
      code: 'UNREACHABLE',
    },
    'warn readiness up -> down: behind (a, b, 3 more, failed); marker_missing [UNREACHABLE]',
  ],
  [
    {
      type: 'readiness.changed',
      from: 'down',
      to: 'up',
      reasons: [{ code: 'current' }],
      code: null,
    },
    'info readiness down -> up: current',
  ],
];

it.each(lines)('%j', (body, expected) => {
  const { level, text } = describeEvent(event(body));
  expect(`${level} ${text}`).toBe(expected);
});

it('names the database where there is more than one', () => {
  expect(describeEvent(event({ type: 'lock.released', fence: '1' }, 'orders')).text).toBe(
    'orders: lock released, fence 1',
  );
});

it('writes one start and one end line a migration, and statements only when asked', () => {
  const written = (verbose: boolean): string[] => {
    const out: string[] = [];
    const log = createRunLog((line) => out.push(line), { verbose });
    for (const [body] of lines.filter(([{ type }]) =>
      /^(migration\.(started|finished)|statement\.(started|finished))$/.test(type),
    )) {
      log(event(body));
    }
    return out;
  };
  expect(written(false)).toHaveLength(2);
  expect(written(true)).toHaveLength(4);
});

it('says once, and then every ten seconds, whom it is waiting for', () => {
  const out: string[] = [];
  const log = createRunLog((line) => out.push(line));
  for (let waitedMs = 0; waitedMs <= 25_000; waitedMs += 500) {
    log(event({ type: 'lock.waiting', holder, waitedMs }));
  }
  expect(out).toHaveLength(3);
});

it('says at first after ten seconds, and then every ten, how far a backfill is; every second only when asked', () => {
  const progress = (seconds: number): RunEvent => ({
    ...event({
      type: 'backfill.progress',
      operation: 'op',
      pass: 'backfill',
      rows: seconds * 10,
      changed: 0,
      estimatedRows: 200,
      rowsPerSecond: 10,
      etaMs: null,
    }),
    at: seconds * 1000,
  });
  const written = (verbose: boolean): string[] => {
    const out: string[] = [];
    const log = createRunLog((line) => out.push(line), { verbose });
    log(
      event({
        type: 'backfill.started',
        operation: 'op',
        pass: 'backfill',
        ranges: 1,
        resumed: false,
        estimatedRows: 200,
      }),
    );
    for (let second = 1; second <= 25; second += 1) log(progress(second));
    return out.slice(1);
  };
  expect(written(false)).toEqual([
    'op: backfill 100 rows (50 %), 10 rows/s',
    'op: backfill 200 rows (100 %), 10 rows/s',
  ]);
  expect(written(true)).toHaveLength(25);
});

it('json is one event a line, with its level', () => {
  const out: string[] = [];
  createRunLog((line) => out.push(line), { format: 'json' })(
    event({ type: 'ledger.bootstrapped', version: '1' }),
  );
  expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      level: 'info',
      at: 0,
      database: 'default',
      runId: 'run-1',
      type: 'ledger.bootstrapped',
      version: '1',
    },
  ]);
});

describe("through Nest's ConsoleLogger an event", () => {
  const record = logRecordOf(event({ type: 'index.rebuilt', tag: '0003_a', index: 'i' }));

  it('is a line for people', () => {
    expect(logged(new ConsoleLogger('Migrator', { colors: false }), record)).toContain(
      '[Migrator] 0003_a found index i invalid and rebuilt it',
    );
  });

  it('is an object for machines', () => {
    const line = logged(new ConsoleLogger('Migrator', { json: true, colors: false }), record);
    expect(JSON.parse(line)).toMatchObject({
      context: 'Migrator',
      message: { type: 'index.rebuilt', tag: '0003_a', index: 'i', runId: 'run-1' },
    });
  });
});

function logged(logger: ConsoleLogger, message: object): string {
  const write = process.stdout.write.bind(process.stdout);
  let text = '';
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  try {
    logger.log(message);
  } finally {
    process.stdout.write = write;
  }
  return text;
}
