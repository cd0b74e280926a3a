import type { Session } from '../../database/database.js';
import type { LedgerCatalogue, TableAccess } from '../catalogue.js';
import type { LedgerLocation } from '../ledger.js';
import { OWN_TABLES } from '../location.js';

interface Row {
  readonly name: string | null;
  readonly named: number | string;
}

const NAMES = [...OWN_TABLES].map((name) => `'${name}'`).join(', ');

/**
 * One round trip. information_schema shows only tables on which this login has some right, so a table that is not listed
 * may still be there: see {@link readCatalogue}'s callers. The join keeps the row when none of our tables exists.
 */
const CATALOGUE = `
select known.name, flags.named
  from (select exists (select 1 from information_schema.columns
                        where table_schema = database() and table_name = ? and column_name = 'name') as named) flags
  left join (select table_name as name from information_schema.tables
              where table_schema = database() and table_name in (?, ${NAMES})) known on true`;

/** Asks the catalogue about the ledger and our tables. Rights are found out by using them: MySQL has no function that tells. */
export async function readCatalogue(
  session: Session,
  location: LedgerLocation,
): Promise<LedgerCatalogue> {
  const { table } = location;
  const rows = await session.query<Row>(CATALOGUE, [table, table]);
  const tables = new Map<string, TableAccess>();
  for (const { name } of rows) {
    // With lower_case_table_names = 1 the server lists names in lower case.
    if (name !== null)
      tables.set(sameName(name, table) ? table : name.toLowerCase(), { select: true, write: true });
  }
  return {
    schemaExists: true,
    tables,
    named: rows.some((row) => Number(row.named) === 1),
  };
}

/** Whether no table of a user's exists, as an expression with one parameter, the ledger table's name. */
export const EMPTY_EXPRESSION = `not exists (select 1 from information_schema.tables
  where table_schema = database() and table_type = 'BASE TABLE' and table_name not in (?, ${NAMES}))`;

function sameName(listed: string, configured: string): boolean {
  return listed === configured || listed === configured.toLowerCase();
}
