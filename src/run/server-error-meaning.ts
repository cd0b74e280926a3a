import type { DriverFacts } from '../errors.js';

/**
 * The errors that migrations meet most, in words of ours: the server's own message may quote row values and is never shown.
 * Sources: PostgreSQL manual, appendix A; MySQL server error reference; MariaDB error code list.
 */
const MEANINGS: Readonly<Record<string, string>> = {
  '23502': 'a row holds NULL where NOT NULL is asked for',
  '23503': 'a row points at a row that does not exist',
  '23505': 'rows that must be unique are not',
  '23514': 'a row violates the check',
  '22001': 'a value is too long for the type',
  '22003': 'a number is out of range',
  '22P02': 'a value has the wrong form for the type',
  '22012': 'division by zero',
  '25001': 'the statement cannot run inside a transaction',
  '2BP01': 'other objects depend on it',
  '42501': 'privilege missing',
  '42601': 'syntax error',
  '42701': 'a column of that name exists already',
  '42703': 'no such column',
  '42704': 'no such object',
  '42710': 'an object of that name exists already',
  '42723': 'a function of that name exists already',
  '42804': 'the types do not match',
  '42830': 'the referenced columns have no unique constraint',
  '42883': 'no such function or operator',
  '42P01': 'no such table',
  '42P06': 'a schema of that name exists already',
  '42P07': 'a table or index of that name exists already',
  '42P16': 'the table definition is not valid',
  '0A000': 'the server does not support that',
  '3F000': 'no such schema',
  '40P01': 'deadlock',
  '53100': 'the disk is full',
  '53200': 'out of memory',
  '55006': 'the object is in use',
  '55P03': 'lock not available',
  '55P04': 'a new enum value cannot be used in the transaction that adds it',
  '57014': 'the statement was cancelled or ran into its time-out',
  P0001: 'raised by the statement itself',
  ER_ALTER_OPERATION_NOT_SUPPORTED: 'the server cannot do that without keeping writers out',
  ER_ALTER_OPERATION_NOT_SUPPORTED_REASON: 'the server cannot do that without keeping writers out',
  ER_BAD_FIELD_ERROR: 'no such column',
  ER_BAD_NULL_ERROR: 'a row holds NULL where NOT NULL is asked for',
  ER_CANT_DROP_FIELD_OR_KEY: 'no such column or key',
  ER_CHECK_CONSTRAINT_VIOLATED: 'a row violates the check',
  ER_DATA_TOO_LONG: 'a value is too long for the column',
  ER_DUP_ENTRY: 'rows that must be unique are not',
  ER_DUP_FIELDNAME: 'a column of that name exists already',
  ER_DUP_KEYNAME: 'an index of that name exists already',
  ER_EMPTY_QUERY: 'the statement is empty',
  ER_FK_CANNOT_DROP_PARENT: 'a foreign key points at it',
  ER_LOCK_DEADLOCK: 'deadlock',
  ER_LOCK_WAIT_TIMEOUT: 'lock not available in time',
  ER_NO_REFERENCED_ROW_2: 'a row points at a row that does not exist',
  ER_NO_SUCH_TABLE: 'no such table',
  ER_PARSE_ERROR: 'syntax error',
  ER_QUERY_INTERRUPTED: 'the statement was cancelled',
  ER_TABLE_EXISTS_ERROR: 'a table of that name exists already',
  ER_TABLEACCESS_DENIED_ERROR: 'privilege missing',
  ER_DBACCESS_DENIED_ERROR: 'privilege missing',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'privilege missing',
  ER_TRG_ALREADY_EXISTS: 'a trigger of that name exists already',
  ER_BAD_TABLE_ERROR: 'no such table',
};

/** The meaning of a server's error code, with the object it names; null when it is not in the list. */
export function meaningOf(facts: DriverFacts): string | null {
  const meaning = MEANINGS[facts.code ?? ''] ?? MEANINGS[facts.sqlState ?? ''];
  if (meaning === undefined) return null;
  const object = facts.constraint ?? facts.column ?? facts.table;
  return object === undefined ? meaning : `${meaning}: ${object}`;
}
