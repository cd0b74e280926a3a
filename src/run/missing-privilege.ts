import type { ServerInfo } from '../database/database.js';
import { quoteIdentifier } from '../database/identifiers.js';
import type { DriverFacts } from '../errors.js';
import { grantee } from '../ledger/privileges.js';
import type { ClassifiedStatement, ObjectName } from '../statements/statement.js';

/** Who was refused, and where. */
export type Refused = Pick<ServerInfo, 'dialect' | 'user' | 'database'>;

/** What would let a statement through. */
export interface Permission {
  /** What to do about it, up to and without "then run again". */
  readonly advice: string;
  /** The statements in it, for an administrator to run; empty where no single one can be named. */
  readonly grants: readonly string[];
}

/**
 * What lets a role run a statement that was refused for want of a right. No server says that in its error's fields, only in a message that is
 * never repeated: it is read off the statement itself.
 */
export function permissionFor(
  statement: ClassifiedStatement | undefined,
  facts: DriverFacts,
  server: Refused,
): Permission {
  const found =
    statement === undefined
      ? null
      : server.dialect === 'mysql'
        ? onMysql(statement, facts, server)
        : onPostgres(statement, facts, server);
  return (
    found ?? {
      advice: `Let an administrator give ${grantee(server.dialect, server.user)} what it needs (the server's message, which may hold rows and is not shown here, stands in its log)`,
      grants: [],
    }
  );
}

/** Privileges: PostgreSQL manual, 5.8. ALTER, DROP and CREATE INDEX are no privilege there, but the owner's alone. */
function onPostgres(
  { head, is }: ClassifiedStatement,
  facts: DriverFacts,
  { user, database }: Refused,
): Permission | null {
  const to = quoteIdentifier('postgresql', user);
  const tables = tablesOf(is.locks.map(({ object }) => object)).map((table) => name(table));
  if (facts.routine === 'ExecWithCheckOptions') {
    return {
      advice: `A row-level security policy of the table refuses the rows: write them as its owner, or let ${to} pass it (alter role ${to} bypassrls)`,
      grants: [],
    };
  }
  if (is.category === 'dml' || is.category === 'query') {
    const rights = head.startsWith('TRUNCATE') ? 'truncate' : 'select, insert, update, delete';
    return granting(tables.map((table) => `grant ${rights} on table ${table} to ${to}`));
  }
  if (head.startsWith('CREATE SCHEMA')) {
    return granting([
      `grant create on database ${quoteIdentifier('postgresql', database)} to ${to}`,
    ]);
  }
  if (IN_A_SCHEMA.test(head)) {
    const [made] = is.effects.filter((one) => one.effect === 'adds').map(({ object }) => object);
    const schema = quoteIdentifier('postgresql', made?.schema ?? 'public');
    const references = head.startsWith('CREATE TABLE')
      ? tables.map((table) => `grant references on table ${table} to ${to}`)
      : [];
    return granting([`grant usage, create on schema ${schema} to ${to}`, ...references]);
  }
  const [table] = tables;
  if (is.category !== 'ddl' || table === undefined) return null;
  return {
    advice: `Only the owner of ${tables.join(', ')} may do that: let an administrator grant the role that owns it to ${to} (grant <owner> to ${to}), or migrate as that role`,
    grants: [],
  };
}

const IN_A_SCHEMA =
  /^CREATE (?:OR REPLACE )?(?:UNLOGGED )?(?:TABLE|VIEW|MATERIALIZED VIEW|TYPE|DOMAIN|SEQUENCE|FUNCTION|PROCEDURE)\b/;

/** ER_BINLOG_CREATE_ROUTINE_NEED_SUPER: triggers and functions, where the server writes a binary log. */
const NEEDS_TRUST = 1419;

/** Privileges by the first words of a statement. Source: MySQL manual, Privileges Provided by MySQL; MariaDB documentation, GRANT. */
const MYSQL_RIGHTS: readonly (readonly [RegExp, string])[] = [
  [/^(?:INSERT|REPLACE|UPDATE|DELETE|WITH|LOAD|SELECT|TABLE)\b/, 'select, insert, update, delete'],
  [/^(?:CREATE|DROP)\b.*\bINDEX\b/, 'index'],
  [/^(?:CREATE|DROP)\b.*\bTRIGGER\b/, 'trigger'],
  [/^(?:CREATE|DROP|ALTER)\b.*\b(?:FUNCTION|PROCEDURE)\b/, 'create routine, alter routine'],
  [/^(?:CREATE|DROP|ALTER)\b.*\bEVENT\b/, 'event'],
  [/^(?:CREATE|ALTER)\b.*\bVIEW\b/, 'create view, select, drop'],
  [/^CREATE\b.*\bTABLE\b/, 'create, references'],
  [/^CREATE\b.*\bSEQUENCE\b/, 'create'],
  [/^(?:ALTER|RENAME)\b.*\bTABLES?\b/, 'alter, create, insert, drop, references'],
  [/^(?:DROP|TRUNCATE)\b/, 'drop'],
];

function onMysql(
  { head, is }: ClassifiedStatement,
  { errno }: DriverFacts,
  { user, database }: Refused,
): Permission | null {
  if (errno === NEEDS_TRUST) {
    return {
      advice:
        'The server writes a binary log and takes triggers and functions from administrators alone: let one set log_bin_trust_function_creators = 1, or run this migration as one',
      grants: [],
    };
  }
  const rights = MYSQL_RIGHTS.find(([pattern]) => pattern.test(head))?.[1];
  // 1227: a right on the server as a whole, of which there are dozens.
  if (rights === undefined || errno === 1227) return null;
  const objects = [...is.touches, ...is.locks.map(({ object }) => object)];
  const databases = new Set(objects.map(({ schema }) => schema ?? database));
  const to = grantee('mysql', user);
  return granting(
    [...(databases.size === 0 ? [database] : databases)].map(
      (one) => `grant ${rights} on ${quoteIdentifier('mysql', one)}.* to ${to}`,
    ),
  );
}

function granting(grants: readonly string[]): Permission | null {
  return grants.length === 0
    ? null
    : { advice: `As an administrator: ${grants.join('; ')};`, grants };
}

function tablesOf(objects: readonly ObjectName[]): readonly ObjectName[] {
  return objects.filter(({ kind }) => kind === 'table');
}

function name({ schema, name: own }: ObjectName): string {
  const quoted = quoteIdentifier('postgresql', own);
  return schema === null ? quoted : `${quoteIdentifier('postgresql', schema)}.${quoted}`;
}
