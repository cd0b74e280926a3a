import { quoteIdentifier } from '../database/identifiers.js';
import type { ErrorPlace } from '../errors.js';
import { grantee, missingPrivilege } from '../ledger/privileges.js';
import type { Recipe } from '../operations/operation-action.js';
import type { Operation, OperationState, TableName } from '../operations/operation.js';
import { TRUSTED_CREATOR } from '../operations/mysql/read-privileges.js';
import type { TableFacts } from '../operations/table-facts.js';
import { readStatements } from '../statements/read-statements.js';
import type { AtAction } from './action-runner.js';
import type { Permission, Refused } from './missing-privilege.js';
import { operationFailure } from './operation-failure.js';

/** Where an undo stood when it failed. */
export interface UndoAt {
  readonly operation: Operation;
  /** What the operation is in. */
  readonly state: OperationState;
  /** null = before its first action, or behind its last one. */
  readonly action: AtAction | null;
  /** As whom it ran, and where. */
  readonly server: Refused;
}

/** What a failure in the middle of an undo means to the user. See {@link operationFailure}. */
export function undoFailure(error: unknown, at: UndoAt): unknown {
  const { operation, action, server } = at;
  const { name } = operation;
  return operationFailure(error, {
    work: `Undoing operation ${name}${action === null ? '' : ` (action ${action.id})`}`,
    failed: `Operation ${name} could not be undone`,
    refused: action === null ? 'what it reads and records of itself' : `its action ${action.id}`,
    place: placeOf(at),
    state: stateOf(at),
    again: againOf(name),
    statement: statementOf(at),
    server,
  });
}

/**
 * Asked before anything is touched. On MySQL a login without the right to triggers does not see them: it would drop the column that they write to.
 *
 * @throws {MigratorError} `MISSING_PRIVILEGE`
 */
export function refuseWithoutRights(
  { name }: Operation,
  recipe: Recipe,
  facts: TableFacts,
  server: Refused,
): void {
  if (recipe.undo.length === 0) return;
  const lacking = facts.missingPrivileges.filter((right) => isForUndo(right, facts));
  const blocked = recipe.blockers.some(({ code }) => code === 'missing-privilege');
  if (lacking.length === 0 || !blocked) return;
  const { table } = facts;
  const { advice, grants } =
    server.dialect === 'mysql' ? mysqlRights(lacking, table, server) : postgresRights(server);
  throw missingPrivilege(
    `Operation ${name} cannot be undone: the role ${server.user} lacks ${lacking.join(', ')} for ${table.name} of ${server.database}.`,
    `${advice} then run ${againOf(name)} again.`,
    grants,
  );
}

/** MySQL asks for trust where a trigger is created, MariaDB where one is dropped too (measured on 9.7 and 10.11). */
function isForUndo(right: string, { dialect, flavour }: TableFacts): boolean {
  if (dialect === 'postgresql') return right.startsWith('OWNERSHIP');
  return right !== TRUSTED_CREATOR || flavour === 'mariadb';
}

function mysqlRights(
  lacking: readonly string[],
  table: TableName,
  { user, database }: Refused,
): Permission {
  const rights = lacking.filter((right) => right !== TRUSTED_CREATOR);
  const on = `${quoteIdentifier('mysql', table.schema ?? database)}.*`;
  const grants =
    rights.length === 0
      ? []
      : [`grant ${rights.join(', ').toLowerCase()} on ${on} to ${grantee('mysql', user)}`];
  const trust = lacking.includes(TRUSTED_CREATOR)
    ? ['set global log_bin_trust_function_creators = 1']
    : [];
  return { advice: `As an administrator: ${[...grants, ...trust].join('; ')};`, grants };
}

function postgresRights({ user }: Refused): Permission {
  const to = grantee('postgresql', user);
  return {
    advice: `Only the owner of the table may do that: let an administrator grant the role that owns it to ${to} (grant <owner> to ${to}), or run it as that role,`,
    grants: [],
  };
}

function placeOf({ operation, action }: UndoAt): ErrorPlace {
  return { operation: operation.name, ...(action !== null && { action: action.id }) };
}

function stateOf({ state }: UndoAt): string {
  return state === 'undoing'
    ? 'The operation is undoing; what is taken back stays so.'
    : `The operation is ${state}, as it was; nothing is taken back.`;
}

function againOf(name: string): string {
  return `nest-migrate operation undo ${name}`;
}

function statementOf({ action, server }: UndoAt): ReturnType<typeof firstOf> {
  return action?.sql == null ? undefined : firstOf(action.sql, server);
}

function firstOf(sql: string, { dialect }: Refused) {
  return readStatements(sql, dialect).statements[0];
}
