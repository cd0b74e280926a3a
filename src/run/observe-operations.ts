import type { Session } from '../database/database.js';
import { callsOperation } from '../journal/calls-operation.js';
import type { Migration, ParsedMigration } from '../journal/journal.js';
import type { LedgerLocation, LedgerSnapshot } from '../ledger/ledger.js';
import type { OwnTable } from '../ledger/location.js';
import { readOperations } from '../ledger/operation-store.js';
import type { Operation } from '../operations/operation.js';
import type { TableFacts } from '../operations/table-facts.js';
import { NO_OPERATIONS, type ObservedOperations } from '../plan/plan-operations.js';
import { factsReader } from './read-facts.js';

/** Records and tables of the operations that pending migrations call; nothing is read where none does, or where their statements simply run. */
export async function observeOperations(
  session: Session,
  inTransaction: boolean,
  location: LedgerLocation,
  registered: ReadonlyMap<string, Operation>,
  { empty }: LedgerSnapshot,
  pending: readonly ParsedMigration[],
  applied: readonly Migration[],
): Promise<ObservedOperations> {
  const called = new Set(
    pending.flatMap(({ directives }) => directives.operations.map(({ name }) => name)),
  );
  if (called.size === 0 || empty) return { ...NO_OPERATIONS, registered };
  const records = await readOperations(session, location);
  const readFacts = factsReader(session, inTransaction);
  const facts: [string, TableFacts | null][] = [];
  for (const name of called) {
    const operation = registered.get(name);
    if (operation !== undefined) facts.push([name, await readFacts(operation.table)]);
  }
  return {
    registered,
    records: new Map(records.map((row) => [row.name, row])),
    facts: new Map(facts),
    ranAsStatements: new Map(
      [...called]
        .filter((name) => !records.some((row) => row.name === name))
        .flatMap((name) => {
          const at = applied.findIndex((migration) => callsOperation(migration, name));
          const tag = applied[at]?.tag;
          return tag === undefined ? [] : [[name, { tag, before: applied[at - 1]?.tag ?? null }]];
        }),
    ),
    byOnlooker:
      facts.some(([, table]) => table !== null && lacksRights(table)) &&
      isOnlooker(await readFacts({ schema: location.schema, name: WRITTEN })),
  };
}

/** What every runner updates. */
const WRITTEN: OwnTable = 'migration_attempts';

/** Only then it matters whose login this is. */
function lacksRights({ missingPrivileges, postgres }: TableFacts): boolean {
  return (
    missingPrivileges.length > 0 || postgres?.rowsHidden === true || postgres?.replicaRole === true
  );
}

/** Where there is nothing to write yet, nobody is told from the runner. */
function isOnlooker(bookkeeping: TableFacts | null): boolean {
  return bookkeeping?.missingPrivileges.some((right) => right.startsWith('UPDATE')) === true;
}
