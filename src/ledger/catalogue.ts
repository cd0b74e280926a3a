/** What the database's catalogue says about the ledger, before anything is read from it. */
export interface LedgerCatalogue {
  /** Whether the ledger's schema exists; on MySQL the current database always does. */
  readonly schemaExists: boolean;
  /** Tables of ours and Drizzle's that exist, and what this login may do with each. */
  readonly tables: ReadonlyMap<string, TableAccess>;
  /** Whether the ledger has the column `name`, which is how drizzle-orm 1.x tells its own shape. */
  readonly named: boolean;
}

/** Rights on one table. MySQL reports only what it can know without asking: all true for a table that is visible. */
export interface TableAccess {
  readonly select: boolean;
  readonly write: boolean;
}

/** Whether a table, one of ours or the ledger's, is there. */
export function hasTable(catalogue: LedgerCatalogue, table: string): boolean {
  return catalogue.tables.has(table);
}
