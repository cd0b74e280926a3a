import { createHash } from 'node:crypto';
import type { ObjectName } from '../../statements/statement.js';
import { StatementError } from '../database.js';
import type { Session } from '../database.js';
import { qualify, quoteIdentifier } from '../identifiers.js';

/** Errors of SHOW CREATE that say "there is no such thing": database, table, routine, trigger, event, sequence (MariaDB). */
const ABSENT: ReadonlySet<number> = new Set([1049, 1146, 1305, 1360, 1539, 4091]);
/** A view whose tables are gone: MySQL does not print it any more. */
const INVALID_VIEW = 1356;

/**
 * SHA-256 over the definitions of the named objects as the server prints them; what does not exist counts as absent.
 * The same before and after a statement = it did not take effect, as a single DDL is atomic and we are the only runner (drizzle.md 6.3).
 * Without the AUTO_INCREMENT counter, which inserts move, and whatever the session's sql_mode does to quoting.
 * @returns null when one of the objects is of a kind whose definition the server does not print: then nothing can be decided
 * @throws {StatementError} `lock-timeout` while another session changes one of them
 */
export async function objectDigest(
  session: Session,
  objects: readonly ObjectName[],
): Promise<string | null> {
  const questions = new Map<string, string>();
  for (const object of objects) {
    const question = showCreate(session, object);
    if (question === null) return null;
    questions.set(question.key, question.sql);
  }
  if (questions.size === 0) return null;
  const hash = createHash('sha256');
  for (const key of [...questions.keys()].sort()) {
    const definition = await define(session, questions.get(key) ?? '');
    hash.update(JSON.stringify([key, definition]));
  }
  return hash.digest('hex');
}

interface Question {
  readonly key: string;
  readonly sql: string;
}

/** The statement that prints the object, or for a part of a table the table. */
function showCreate(session: Session, object: ObjectName): Question | null {
  const schema = (name: string | null): string => name ?? session.server.database;
  const ask = (what: string, of: { readonly schema: string | null; readonly name: string }) => ({
    key: `${what} ${schema(of.schema)}.${of.name}`,
    sql: `SHOW CREATE ${what} ${qualify('mysql', schema(of.schema), of.name)}`,
  });
  switch (object.kind) {
    // Prints views and MariaDB's sequences as well, so that a name need not be known to be one or the other.
    case 'table':
    case 'view':
    case 'sequence':
      return ask('TABLE', object);
    case 'index':
    case 'column':
    case 'constraint':
      return object.table === undefined ? null : ask('TABLE', object.table);
    case 'trigger':
      return ask('TRIGGER', object);
    case 'procedure':
      return ask('PROCEDURE', object);
    case 'function':
      return ask('FUNCTION', object);
    case 'event':
      return ask('EVENT', object);
    case 'database':
    case 'schema':
      return {
        key: `DATABASE ${object.name}`,
        sql: `SHOW CREATE DATABASE ${quoteIdentifier('mysql', object.name)}`,
      };
    case 'materialized view':
    case 'type':
    case 'policy':
    case 'extension':
    case 'role':
    case 'rule':
    case 'domain':
    case 'publication':
    case 'other':
      return null;
  }
}

async function define(session: Session, sql: string): Promise<string | null> {
  try {
    const [row] = await session.query(sql);
    return row === undefined ? null : normalise(definitionIn(row));
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    const { errno } = error.facts;
    if (errno === INVALID_VIEW) return 'a view that cannot be read';
    if (errno !== undefined && ABSENT.has(errno)) return null;
    throw error;
  }
}

/** The column is called `Create Table`, `Create View`, `Create Procedure`, ...; for triggers `SQL Original Statement`. */
function definitionIn(row: Record<string, unknown>): string {
  const column = Object.keys(row).find((name) => /^(Create |SQL Original)/i.test(name));
  const definition = column === undefined ? null : row[column];
  return typeof definition === 'string' ? definition : '';
}

/** Literals in single quotes stay; outside of them ANSI_QUOTES turns every backtick into a double quote, and the counter moves. */
function normalise(definition: string): string {
  return definition.replace(/'(?:[^'\\]|\\.|'')*'|"| AUTO_INCREMENT=\d+/gs, (token) =>
    token === '"' ? '`' : token.startsWith(' AUTO_INCREMENT') ? '' : token,
  );
}
