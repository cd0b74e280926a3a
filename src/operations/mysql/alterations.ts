import type { LockTaken } from '../../statements/statement.js';
import { type ObjectNames, objectNames } from '../object-names.js';
import type { OperationAction } from '../operation-action.js';
import type { Operation, TableName } from '../operation.js';
import type { ColumnFacts, TableFacts, TriggerFacts } from '../table-facts.js';
import { quote, tableSql } from './sql.js';
import { bodyDigest } from './body-digest.js';

/** The lock of a statement on the operation's table, for `plan`. */
export function locks(
  table: TableName,
  mode: 'NONE' | 'SHARED' | 'EXCLUSIVE',
  work: LockTaken['work'],
): LockTaken[] {
  return [{ object: { kind: 'table', schema: table.schema, name: table.name }, mode, work }];
}

/** Names are compared without case: so do both servers with columns. */
export function columnOf(facts: TableFacts, name: string): ColumnFacts | undefined {
  const lower = name.toLowerCase();
  return facts.columns.find((column) => column.name.toLowerCase() === lower);
}

/** A trigger as it should stand: its place and what it says. */
export interface WantedTrigger {
  readonly name: string;
  readonly event: 'insert' | 'update';
  readonly body: string;
}

export function triggerOf(facts: TableFacts, name: string): TriggerFacts | undefined {
  return facts.triggers.find((trigger) => trigger.name === name);
}

/** Whether the trigger stands and says what it should. */
export function hasTrigger(facts: TableFacts, wanted: WantedTrigger): boolean {
  return triggerOf(facts, wanted.name)?.bodyDigest === bodyDigest(wanted.body);
}

/** CREATE TRIGGER. It is the last of its event: both servers put a new one behind those that are there. */
export function createTriggerSql(table: TableName, { name, event, body }: WantedTrigger): string {
  return `CREATE TRIGGER ${triggerName(table, name)} BEFORE ${event.toUpperCase()} ON ${tableSql(table)} FOR EACH ROW ${body}`;
}

export function dropTriggerSql(table: TableName, name: string): string {
  return `DROP TRIGGER ${triggerName(table, name)}`;
}

/** A trigger lives in the database of its table. */
function triggerName({ schema }: TableName, name: string): string {
  return schema === null ? quote(name) : `${quote(schema)}.${quote(name)}`;
}

/** Creates a trigger, and puts one of that name with another body away before. */
export function createTrigger(
  table: TableName,
  id: string,
  wanted: WantedTrigger,
): OperationAction {
  return {
    id,
    mode: 'autocommit',
    statements: [createTriggerSql(table, wanted)],
    locks: locks(table, 'EXCLUSIVE', 'metadata'),
    cleanUp: (facts) =>
      triggerOf(facts, wanted.name) === undefined ? [] : [dropTriggerSql(table, wanted.name)],
    isDone: (facts) => hasTrigger(facts, wanted),
  };
}

/** Drops a trigger of ours where it stands. */
export function dropTrigger(table: TableName, id: string, name: string): OperationAction {
  return {
    id,
    mode: 'autocommit',
    statements: [dropTriggerSql(table, name)],
    locks: locks(table, 'EXCLUSIVE', 'metadata'),
    isDone: (facts) => triggerOf(facts, name) === undefined,
  };
}

/** Columns that an UPDATE would move to the current time by itself. */
export function movingColumns({ columns }: TableFacts, ...written: readonly string[]): string[] {
  return columns
    .filter(({ name, onUpdate }) => onUpdate !== null && !written.includes(name))
    .map(({ name }) => name);
}

/** Whether one of the two triggers that keep columns in step stands. */
export function hasOwnTriggers(
  facts: TableFacts,
  { beforeInsert, beforeUpdate }: ObjectNames,
): boolean {
  return [beforeInsert, beforeUpdate].some((name) => triggerOf(facts, name) !== undefined);
}

/** Under the lock of the table: the triggers that stand go, then what is given is done. */
export function behindLock(
  operation: Operation,
  facts: TableFacts,
  id: string,
  alterations: readonly string[],
  isDone: OperationAction['isDone'],
): OperationAction {
  const { table } = operation;
  const { beforeInsert, beforeUpdate } = objectNames(operation);
  const standing = [beforeInsert, beforeUpdate].filter(
    (name) => triggerOf(facts, name) !== undefined,
  );
  return {
    id,
    mode: 'locked-tables',
    statements: [
      `LOCK TABLES ${tableSql(table)} WRITE`,
      // Without IF EXISTS: a second try after a failure behind the first DROP would have lost writes in between.
      ...standing.map((name) => dropTriggerSql(table, name)),
      ...alterations,
    ],
    restore: ['UNLOCK TABLES'],
    locks: locks(table, 'EXCLUSIVE', 'metadata'),
    isDone,
  };
}
