import { expect, it } from '@jest/globals';
import { status } from '../../src/cli/commands/status.js';
import { styleFor } from '../../src/cli/output/style.js';
import type { Migrator, StatusResult } from '../../src/migrator.js';

/** What `status` prints about a migration of five statements whose last attempt stands there. */
async function printed(
  attempt: object | null,
  lock: Partial<StatusResult['lock']> = {},
): Promise<string> {
  const result = {
    database: 'db:5432/app',
    server: 'PostgreSQL 17',
    ledger: { table: 'drizzle.__drizzle_migrations' },
    counts: { applied: 0, pending: 1, required: 1, unknown: 0 },
    migrations: [{ tag: '0000_a', verdict: 'pending', appliedAt: null, attempt }],
    ahead: [],
    lock: { scope: 'app', state: 'free', holder: null, session: null, waiters: [], ...lock },
    findings: [],
  } as unknown as StatusResult;
  const outcome = await status.run({
    migrator: { status: async () => result } as unknown as Migrator,
    args: [],
    flags: {},
    signal: new AbortController().signal,
    lockWaitMs: undefined,
    again: (command) => command,
  });
  return outcome.text(styleFor(process.stdout, { NO_COLOR: '1' }));
}

const attempt = { statements: 5, inFlight: null, errorCode: null };

it.each([
  [
    { state: 'failed', cursor: 3, errorCode: 'MIGRATION_FAILED' },
    'failed at statement 4 of 5 (MIG',
  ],
  [{ state: 'running', cursor: 2, inFlight: 2 }, 'running at statement 3 of 5'],
  [{ state: 'interrupted', cursor: 0 }, 'interrupted at statement 1 of 5'],
  [{ state: 'interrupted', cursor: 5 }, 'interrupted after statement 5 of 5'],
])('statements are numbered from 1, as up numbers them: %j', async (given, text) => {
  expect(await printed({ ...attempt, ...given })).toContain(text);
});

const holder = { id: 'h1', host: 'web-1', pid: 7, app: 'orders', startedAt: '' };
const session = {
  pid: '99',
  role: 'app',
  application: null,
  state: 'idle',
  transactionAgeMs: null,
};

it.each([
  [{}, /^Lock app: free$/m],
  [{ state: 'held', holder, session }, /^Lock app: held by orders on web-1 .*\n {2}session 99/m],
  [{ state: 'held', session }, /^Lock app: held by another session .*\n {2}session 99/m],
  [
    { state: 'abandoned', holder },
    /^Lock app: left by orders on web-1 .*the next run takes over$/m,
  ],
] as const)('the lock is free, held or left behind: %j', async (lock, line) => {
  const text = await printed(null, lock);
  expect(text).toMatch(line);
  expect(text.includes('A run is in progress')).toBe('session' in lock);
});
