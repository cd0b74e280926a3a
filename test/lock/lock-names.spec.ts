import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applicationName, applicationPrefix, holderOf } from '../../src/lock/holder.js';
import type { FenceRow } from '../../src/lock/lock.js';
import { readGetLock } from '../../src/lock/mysql/session-lock.js';
import { pollDelay } from '../../src/lock/poll.js';
import { backfillScope, lockScope, mysqlLockName, postgresLockKey } from '../../src/lock/scope.js';
import { mayUnlock } from '../../src/lock/unlock.js';
import { describeHolder } from '../../src/wording/holder.js';

describe('scope and keys', () => {
  it('is the qualified name of the ledger table', () => {
    expect(lockScope({ schema: 'drizzle', table: 't' }, { database: 'app' })).toBe('drizzle.t');
    expect(lockScope({ schema: null, table: 't' }, { database: 'app' })).toBe('app.t');
  });

  it('fits the ASCII column whatever the names are, and stays one scope a table', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        (a, b) => {
          const scopes = [a, b].map((database) =>
            lockScope({ schema: null, table: 't' }, { database }),
          );
          for (const scope of scopes) expect(scope).toMatch(/^[\x20-\x7e]{1,200}$/);
          expect(scopes[0] === scopes[1]).toBe(a === b);
        },
      ),
    );
    expect(
      lockScope({ schema: 's'.repeat(150), table: 't'.repeat(150) }, { database: '' }),
    ).toHaveLength(200);
  });

  it('is another one for who goes through rows, which fits as well', () => {
    expect(backfillScope('drizzle.t')).toBe('drizzle.t#backfill');
    const [one, other] = ['a', 'b'].map((end) => backfillScope('s'.repeat(199) + end));
    for (const scope of [one, other]) expect(scope).toMatch(/^s+#[0-9a-f]{40}#backfill$/);
    expect(one).toHaveLength(200);
    expect(one).not.toBe(other);
    // Who waits for it is no waiter for the ledger's own lock.
    const own = 'drizzle.__drizzle_migrations';
    expect(applicationPrefix(backfillScope(own))).toBe('nest-migrate:drizzle.__drizz#backfill:');
    expect(applicationPrefix(backfillScope(own))).toHaveLength(applicationPrefix(own).length);
  });

  it('has frozen keys: two versions of this package must exclude each other', () => {
    expect(postgresLockKey('drizzle.__drizzle_migrations')).toBe('3943279767323200014');
    expect(mysqlLockName('app.__drizzle_migrations')).toBe(
      'nest-migrate:06d6bfedee8c49148cb27cd79cf438ec61b98efc',
    );
    expect(mysqlLockName('x'.repeat(500))).toHaveLength(53);
  });
});

it('GET_LOCK: only 1 is success, and NULL is an error rather than "held by another"', () => {
  expect(readGetLock('1')).toBe(true);
  expect(readGetLock('0')).toBe(false);
  for (const odd of [null, undefined]) {
    expect(() => readGetLock(odd)).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }));
  }
});

describe('names and descriptions', () => {
  it('fits 63 bytes and keeps what says most, whatever host and scope are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        fc.nat(4_194_304),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        (host, scope, pid, fence) => {
          const name = applicationName({ host, pid }, scope, { fence: String(fence) });
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
          expect(name.startsWith(applicationPrefix(scope))).toBe(true);
          expect(name.endsWith(`:${pid}:f${fence}`)).toBe(true);
        },
      ),
    );
  });

  it('describes a holder by who, since when, and last heard of when', () => {
    expect(
      describeHolder({
        id: 'id',
        host: 'web-1',
        pid: 7,
        app: 'orders',
        startedAt: '',
        heldForMs: 150_000,
        heartbeatAgeMs: 1400,
      }),
    ).toBe('orders on web-1 (pid 7, for 2 min 30 s, last heartbeat 1.4 s ago, holder id)');
  });
});

describe('pollDelay', () => {
  const options = { pollMinMs: 100, pollMaxMs: 2000 };

  it.each([
    [1, 0, 100],
    [1, 1, 200],
    [3, 0.5, 450],
    [10, 1, 2000],
    [10_000, 1, 2000],
  ])('after miss %d with random %d is %d', (attempt, random, expected) => {
    expect(pollDelay(attempt, options, random)).toBe(expected);
  });
});

describe('mayUnlock', () => {
  const row: FenceRow = {
    fence: '3',
    holderId: 'h',
    holder: {},
    session: { id: '1', start: null },
    heldForMs: 1,
    released: false,
    heartbeatAgeMs: 60_000,
  };
  const asked = { holderId: 'h', terminate: false, sessionAlive: true };

  it.each<readonly [string, FenceRow, typeof asked]>([
    ['a stale heartbeat', row, asked],
    [
      'a fresh heartbeat and terminate',
      { ...row, heartbeatAgeMs: 1 },
      { ...asked, terminate: true },
    ],
    [
      'a fresh heartbeat of a session that is gone',
      { ...row, heartbeatAgeMs: 1 },
      { ...asked, sessionAlive: false },
    ],
    ['no heartbeat at all', { ...row, heartbeatAgeMs: null }, asked],
  ])('allows %s', (_what, given, how) => {
    expect(mayUnlock(given, how)).toEqual(holderOf(given));
  });

  it.each<readonly [string, FenceRow | null, typeof asked]>([
    ['nothing on record', null, asked],
    ['no holder', { ...row, holderId: null }, asked],
    ['another holder', row, { ...asked, holderId: 'other', terminate: true }],
    ['a holder that said goodbye', { ...row, released: true }, { ...asked, terminate: true }],
    ['a fresh heartbeat', { ...row, heartbeatAgeMs: 14_999 }, asked],
  ])('refuses %s', (_what, given, how) => {
    expect(() => mayUnlock(given, how)).toThrow(
      expect.objectContaining({ code: 'REFUSED_UNLOCK' }),
    );
  });
});
