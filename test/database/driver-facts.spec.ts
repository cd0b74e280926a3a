import { describe, expect, it } from '@jest/globals';
import { StatementError } from '../../src/database/database.js';
import {
  driverFacts,
  isConnectionError,
  statementErrorKind,
} from '../../src/database/driver-facts.js';
import { CANARY, expectNoSecret } from './canary.js';

/** As node-postgres makes them: nearly every field may hold rows or SQL. */
function postgresError(code: string, message = CANARY): Error {
  return Object.assign(new Error(message), {
    code,
    severity: 'ERROR',
    detail: `Key (email)=(${CANARY}) already exists.`,
    hint: CANARY,
    where: CANARY,
    internalQuery: CANARY,
    schema: 'public',
    table: 'users',
    constraint: 'users_email_key',
    routine: '_bt_check_unique',
  });
}

function mysqlError(errno: number, code: string, message = CANARY): Error {
  return Object.assign(new Error(message), {
    errno,
    code,
    sqlState: '23000',
    sql: CANARY,
    sqlMessage: CANARY,
  });
}

describe('facts of a driver error', () => {
  it('are those of the list and nothing else', () => {
    expect(driverFacts(postgresError('23505'))).toEqual({
      code: '23505',
      severity: 'ERROR',
      schema: 'public',
      table: 'users',
      constraint: 'users_email_key',
      routine: '_bt_check_unique',
    });
    expect(driverFacts(mysqlError(1062, 'ER_DUP_ENTRY'))).toEqual({
      code: 'ER_DUP_ENTRY',
      errno: 1062,
      sqlState: '23000',
    });
  });

  it.each([
    ['42', 42],
    [CANARY, undefined],
    [`1 ${CANARY}`, undefined],
    ['0', undefined],
  ])('keep a position only as a number: %s', (position, kept) => {
    const facts = driverFacts(Object.assign(postgresError('42601'), { position }));
    expect(facts.position).toBe(kept);
  });

  it.each([
    ['P0001', 'exec_stmt_raise'],
    ['P0001', undefined],
    ['ZZ001', 'exec_stmt_raise'],
    ['23514', 'exec_stmt_raise'],
  ])('name no object where a function raised the error: %s by %s', (code, routine) => {
    const raised = Object.assign(postgresError(code), { table: CANARY, constraint: CANARY });
    const error = Object.assign(raised, { column: CANARY, dataType: CANARY, schema: CANARY });
    expect(driverFacts(Object.assign(error, { routine }))).toEqual({
      code,
      severity: 'ERROR',
      ...(routine !== undefined && { routine }),
    });
  });

  it("have no symbol of MySQL's for a number of MariaDB's own", () => {
    const error = mysqlError(4161, 'ER_INSTALL_COMPONENT_SET_UNUSED_VALUE');
    expect(driverFacts(error, 'mariadb')).toEqual({ errno: 4161, sqlState: '23000' });
    expect(driverFacts(error, 'mysql')).toHaveProperty('code');
    expect(driverFacts(mysqlError(1062, 'ER_DUP_ENTRY'), 'mariadb')).toHaveProperty('code');
  });

  it('are found inside a wrapper such as DrizzleQueryError', () => {
    const wrapper = Object.assign(
      new Error(`Failed query: ${CANARY}`, { cause: postgresError('23505') }),
      {
        query: CANARY,
        params: [CANARY],
      },
    );
    expect(driverFacts(wrapper)).toMatchObject({ code: '23505' });
    expect(
      statementErrorKind(new Error('x', { cause: mysqlError(1213, 'ER_LOCK_DEADLOCK') })),
    ).toBe('deadlock');
  });

  it('hold no text that stands where a code should', () => {
    expect(driverFacts({ code: `Key (email)=(${CANARY})` })).toEqual({});
    expect(driverFacts(Object.assign(new Error(), { code: 'ECONNREFUSED', errno: -111 }))).toEqual({
      code: 'ECONNREFUSED',
    });
  });

  it.each([undefined, null, 'text', 42, new Error('plain'), {}])('of %p are none', (value) => {
    expect(driverFacts(value)).toEqual({});
    expect(statementErrorKind(value)).toBe('other');
  });

  it('end up in a StatementError that shows nothing else', () => {
    const cause = postgresError('23505');
    const error = new StatementError(driverFacts(cause), statementErrorKind(cause), { cause });
    expectNoSecret(error);
    expect(error.cause).toBe(cause);
  });
});

describe('what a code means', () => {
  it.each([
    ['55P03', 'lock-timeout'],
    ['40P01', 'deadlock'],
    ['40001', 'serialization'],
    ['42P01', 'missing-table'],
    ['3F000', 'missing-schema'],
    ['42501', 'privilege'],
    ['25006', 'read-only'],
    ['42P07', 'duplicate-object'],
    ['42710', 'duplicate-object'],
    ['42701', 'duplicate-object'],
    ['25001', 'not-in-transaction'],
    ['23505', 'other'],
  ])('SQLSTATE %s: %s', (code, kind) => expect(statementErrorKind(postgresError(code))).toBe(kind));

  it.each([
    ['canceling statement due to statement timeout', 'statement-timeout'],
    ['canceling statement due to user request', 'cancelled'],
    ['storniere Anfrage wegen Zeitüberschreitung der Anfrage', 'cancelled'],
  ])('57014 "%s": %s', (message, kind) => {
    expect(statementErrorKind(postgresError('57014', message))).toBe(kind);
  });

  it.each([
    [1205, 'lock-timeout'],
    [3572, 'lock-timeout'],
    [1213, 'deadlock'],
    [1317, 'cancelled'],
    [3024, 'statement-timeout'],
    [1969, 'statement-timeout'],
    [1146, 'missing-table'],
    [1049, 'missing-schema'],
    [1142, 'privilege'],
    [1227, 'privilege'],
    [1836, 'read-only'],
    [1792, 'read-only'],
    [1050, 'duplicate-object'],
    [1060, 'duplicate-object'],
    [1061, 'duplicate-object'],
    [1062, 'other'],
  ])('errno %i: %s', (errno, kind) =>
    expect(statementErrorKind(mysqlError(errno, 'ER_X'))).toBe(kind),
  );

  it('errno 1290 is read-only only where the option is', () => {
    const running = (option: string) =>
      mysqlError(1290, 'ER_OPTION_PREVENTS_STATEMENT', `running with the ${option} option`);
    expect(statementErrorKind(running('--super-read-only'))).toBe('read-only');
    expect(statementErrorKind(running('--secure-file-priv'))).toBe('other');
  });

  it.each([
    [postgresError('57P01'), true],
    [postgresError('08006'), true],
    [postgresError('25P03'), true],
    [postgresError('57014'), false],
    [postgresError('23505'), false],
    [Object.assign(new Error(), { code: 'ECONNRESET', errno: -104 }), true],
    [Object.assign(new Error(), { code: 'PROTOCOL_CONNECTION_LOST' }), true],
    [new Error('Connection terminated unexpectedly'), true],
    [new Error('Connection of dots is a game'), false],
    [mysqlError(1053, 'ER_SERVER_SHUTDOWN'), true],
    [mysqlError(4031, 'ER_CLIENT_INTERACTION_TIMEOUT'), true],
    [mysqlError(1062, 'ER_DUP_ENTRY'), false],
  ])('%p: the connection is gone: %p', (error, gone) =>
    expect(isConnectionError(error)).toBe(gone),
  );
});
