import type { DriverFacts } from '../errors.js';

/** SQLSTATE classes of what is wrong with a row: data exception, constraint, WITH CHECK OPTION, RAISE in a trigger; MG of our own triggers. */
const POSTGRES = /^(?:22|23|44|P0|MG)/;
const MYSQL = /^(?:22|23|44|45)/;
/** Of the general class HY000 or 01000: no default, incorrect value, data truncated, CHECK violated, and of a view. */
const MYSQL_ERRNOS: ReadonlySet<number> = new Set([1364, 1366, 1265, 3819, 1369, 1906, 4025]);

/** Whether the server refused a statement because of a row. Numbers are MySQL's alone. */
export function isRowError({ code, errno, sqlState }: DriverFacts): boolean {
  return errno === undefined
    ? POSTGRES.test(code ?? '')
    : MYSQL.test(sqlState ?? '') || MYSQL_ERRNOS.has(errno);
}
