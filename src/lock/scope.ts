import { createHash } from 'node:crypto';

import type { ServerInfo } from '../database/database.js';
import type { Scope } from './lock.js';

/** Width of `migration_lock.scope` on MySQL, where the column is ASCII. */
const SCOPE_MAX_LENGTH = 200;

/**
 * What one ledger table is called as the thing that a lock protects: its qualified name. Two services with tables of their
 * own in one schema do not block each other (ariga/atlas#3476, rails/rails#31627).
 * Names that do not fit the ASCII column are shortened and made unique by a hash.
 */
export function lockScope(
  ledger: { readonly schema: string | null; readonly table: string },
  server: Pick<ServerInfo, 'database'>,
): Scope {
  const name = `${ledger.schema ?? server.database}.${ledger.table}`;
  if (/^[\x20-\x7e]+$/.test(name) && name.length <= SCOPE_MAX_LENGTH) return name;
  const legible = name.replace(/[^\x20-\x7e]/g, '_').slice(0, SCOPE_MAX_LENGTH - 41);
  return `${legible}#${sha256(name).toString('hex').slice(0, 40)}`;
}

/** What the lock of whoever goes through rows beside `up` is taken on. */
const BACKFILL = '#backfill';

/** The scope under which a worker goes through the rows of a ledger's operations, while `up` has the ledger's own. */
export function backfillScope(scope: Scope): Scope {
  const room = SCOPE_MAX_LENGTH - BACKFILL.length;
  if (scope.length <= room) return scope + BACKFILL;
  return `${scope.slice(0, room - 41)}#${sha256(scope).toString('hex').slice(0, 40)}${BACKFILL}`;
}

/** What is left of a scope where there is room for so many characters; that of a worker stays told apart from its ledger's. */
export function shortScope(scope: Scope, room: number): string {
  if (scope.length <= room || !isBackfillScope(scope)) return scope.slice(0, room);
  return scope.slice(0, room - BACKFILL.length) + BACKFILL;
}

/** Whether it is that of a worker. */
export function isBackfillScope(scope: Scope): boolean {
  return scope.endsWith(BACKFILL);
}

/**
 * Key of the Postgres advisory lock: the first 8 bytes of the scope's hash as a signed int8, in text.
 * Postgres scopes advisory locks to the database, so the database's name is not in it.
 */
export function postgresLockKey(scope: Scope): string {
  return sha256(`nest-migrate:v1:${scope}`).readBigInt64BE(0).toString();
}

/**
 * Name of the MySQL lock. `GET_LOCK` names are server-wide and at most 64 characters (error 3057);
 * the scope holds the database's name, so that two databases of one server are independent.
 */
export function mysqlLockName(scope: Scope): string {
  return `nest-migrate:${sha256(scope).toString('hex').slice(0, 40)}`;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
