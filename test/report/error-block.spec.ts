import { MigratorError } from '../../src/errors.js';
import { renderErrorBlock } from '../../src/report/error-block.js';

it('says what happened, where, what the server said, what state that leaves and what to type next', () => {
  const error = new MigratorError('MIGRATION_FAILED', {
    message: 'Statement 2 of 3 of 0004_add_email was refused.',
    remedy: 'nest-migrate up',
    place: {
      migration: '0004_add_email',
      file: 'drizzle/0004_add_email.sql',
      statement: 2,
      statements: 3,
      line: 12,
    },
    state: 'Nothing of this migration was applied.',
    driver: { code: '42701', severity: 'ERROR', table: 'users', column: 'email' },
    details: { attempt: 3, holder: null, waits: ['a', 'b'] },
  });
  expect(renderErrorBlock(error)).toEqual([
    'MIGRATION_FAILED (exit 1)',
    '  Statement 2 of 3 of 0004_add_email was refused.',
    '  migration   0004_add_email',
    '  file        drizzle/0004_add_email.sql:12',
    '  statement   2 of 3',
    '  server      42701, table users, column email',
    '  state       Nothing of this migration was applied.',
    '  attempt     3',
    '  waits       a, b',
    '  next        nest-migrate up',
  ]);
});

it('leaves out what there is not, and keeps further lines of a remedy under the first', () => {
  const error = new MigratorError('USAGE', { message: 'No.', remedy: 'first\nsecond' });
  expect(renderErrorBlock(error)).toEqual([
    'USAGE (exit 64)',
    '  No.',
    '  next        first',
    '              second',
  ]);
});

it('shows of the details what the sentences do not say, in words, with a space after a long label', () => {
  const error = new MigratorError('LOCK_WAIT_TIMEOUT', {
    message:
      'Gave up after 1003 ms: nest-migrate pid 4711 on ci-7, holding it for 4.0 s, is migrating.',
    remedy: 'nest-migrate unlock --holder ab-12',
    details: {
      holder: 'ab-12',
      holderHost: 'ci-7',
      holderPid: 4711,
      holderForMs: 4000,
      heartbeatAgeMs: 2500,
      expectedSession: 12,
      waitedMs: 1003,
      blockers: [{ pid: '99', application: 'psql' }],
    },
  });
  expect(renderErrorBlock(error).slice(2)).toEqual([
    '  heartbeat age 2.5 s',
    '  expected session 12',
    '  next        nest-migrate unlock --holder ab-12',
  ]);
});

it('shows a server error by number and symbol', () => {
  const error = new MigratorError('MIGRATION_FAILED', {
    message: 'm',
    remedy: 'r',
    driver: { code: 'ER_DUP_FIELDNAME', errno: 1060, sqlState: '42S21' },
  });
  expect(renderErrorBlock(error)).toContain('  server      ER_DUP_FIELDNAME 1060 42S21');
});

it('never prints the cause, and no control character of a name reaches the terminal', () => {
  const error = new MigratorError('MIGRATION_FAILED', {
    message: 'm',
    remedy: 'r',
    driver: { table: 'a\u001b[2Jb\u202e' },
    cause: new Error('canary'),
  });
  const text = renderErrorBlock(error).join('\n');
  expect(text).not.toContain('canary');
  expect(text).toContain(String.raw`table a\u{001b}[2Jb\u{202e}`);
});
