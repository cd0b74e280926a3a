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
