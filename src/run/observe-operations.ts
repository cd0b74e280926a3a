import type { Session } from '../database/database.js';
import { qualify } from '../database/identifiers.js';
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
  { empty, attempts }: LedgerSnapshot,
  pending: readonly ParsedMigration[],
  applied: readonly Migration[],
): Promise<ObservedOperations> {
  const called = new Set(namesOf(pending));
  if (called.size === 0 || empty) return { ...NO_OPERATIONS, registered };
  const records = await readOperations(session, location);
  const readFacts = factsReader(session, inTransaction);
  const facts: [string, TableFacts | null][] = [];
  for (const name of called) {
    const operation = registered.get(name);
    if (operation !== undefined) facts.push([name, await readFacts(operation.table)]);
  }
  const begun = new Set(records.map(({ name }) => name));
  const ranAsStatements = new Map(
    [...called]
      .filter((name) => !begun.has(name))
      .flatMap((name) => {
        const at = applied.findIndex((migration) => callsOperation(migration, name));
        const tag = applied[at]?.tag;
        return tag === undefined ? [] : [[name, { tag, before: applied[at - 1]?.tag ?? null }]];
      }),
  );
  const halfWay = pending.filter(({ migration }) =>
    attempts.some(({ tag, state }) => tag === migration.tag && state !== 'done'),
  );
  const asked = new Set([...ranAsStatements.keys(), ...namesOf(halfWay)]);
  const withoutRows: string[] = [];
  for (const [name, table] of facts) {
    if (begun.has(name) || !asked.has(name) || table === null) continue;
    if (await hasNoRow(session, table)) withoutRows.push(name);
  }
  return {
    registered,
    records: new Map(records.map((row) => [row.name, row])),
    facts: new Map(facts),
    ranAsStatements,
    withoutRows: new Set(withoutRows),
    byOnlooker:
      facts.some(([, table]) => table !== null && lacksRights(table)) &&
      isOnlooker(await readFacts({ schema: location.schema, name: WRITTEN })),
  };
}

/** A login that may not read it is not told. */
async function hasNoRow(
  session: Session,
  { kind, table, missingPrivileges }: TableFacts,
): Promise<boolean> {
  if (kind === 'missing') return true;
  if (missingPrivileges.length > 0) return false;
  const { dialect } = session.server;
  const rows = await session.query(
    `select 1 from ${qualify(dialect, table.schema, table.name)} limit 1`,
  );
  return rows.length === 0;
}

function namesOf(migrations: readonly ParsedMigration[]): readonly string[] {
  return migrations.flatMap(({ directives }) => directives.operations.map(({ name }) => name));
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
