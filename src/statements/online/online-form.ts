import type { ClassifiedStatement, Dialect, SqlMode } from '../statement.js';
import { mysqlOnlineForm } from './mysql.js';
import { postgresOnlineForm } from './postgres.js';

/** Statements of an online form that share a fate, as a unit of the plan does. */
export interface OnlineUnit {
  /** `transaction`: they commit together, apart from every other unit. `autocommit`: one statement that cannot be in a transaction. */
  readonly mode: 'transaction' | 'autocommit';
  readonly statements: readonly string[];
}

/**
 * The safe recipe of one statement with the same end state, for `-- @online` and as text to paste; null = the statement is its own
 * online form, or there is none that the text alone allows. Pure.
 *
 * | statement | recipe |
 * | --- | --- |
 * | Postgres CREATE [UNIQUE] INDEX | CREATE INDEX CONCURRENTLY |
 * | Postgres DROP INDEX (one, no CASCADE) | DROP INDEX CONCURRENTLY |
 * | Postgres REINDEX INDEX, TABLE | REINDEX ... CONCURRENTLY |
 * | Postgres SET NOT NULL | CHECK ... NOT VALID; VALIDATE; SET NOT NULL and DROP of the check in one transaction |
 * | Postgres ADD CONSTRAINT name CHECK, FOREIGN KEY | the same NOT VALID; VALIDATE |
 * | Postgres ADD CONSTRAINT name UNIQUE | CREATE UNIQUE INDEX CONCURRENTLY name; ADD CONSTRAINT name UNIQUE USING INDEX |
 * | Postgres ADD PRIMARY KEY | as SET NOT NULL for its columns, and as UNIQUE for the index |
 * | MySQL, MariaDB ALTER TABLE, CREATE INDEX, DROP INDEX | the same with the ALGORITHM and LOCK under which writers go on: the server refuses where it would block them |
 *
 * Several actions in one ALTER TABLE have none on Postgres, and neither has DETACH PARTITION: its concurrent form leaves a CHECK behind.
 */
export function onlineForm(
  statement: Pick<ClassifiedStatement, 'sql'>,
  dialect: Dialect,
  mode?: SqlMode,
): readonly OnlineUnit[] | null {
  return dialect === 'postgresql'
    ? postgresOnlineForm(statement.sql)
    : mysqlOnlineForm(statement.sql, mode);
}
