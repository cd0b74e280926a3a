import type { PlannedMigration, PlannedStatement } from '../../migrator.js';
import { formatBytes } from '../../wording/bytes.js';
import type { Style } from './style.js';

/** A migration that would be carried out: its facts, its statements, and the locks they take. */
export function migrationLines(migration: PlannedMigration, style: Style): string[] {
  const facts = [
    migration.kind,
    migration.impact,
    migration.atomic ? 'one transaction' : 'statement by statement where it must be',
    ...(migration.reversible ? ['has a way back'] : []),
    ...(migration.requires === null ? [] : [`every build must know ${migration.requires}`]),
  ];
  return [
    `${style.bold(migration.tag)} (${facts.join(', ')})`,
    ...(migration.backup === undefined ? [] : [`  before: ${backupWords(migration.backup)}`]),
    ...migration.statements.flatMap((statement) => statementLines(statement, style)),
  ];
}

function backupWords({ dump, tables, ref }: NonNullable<PlannedMigration['backup']>): string {
  const snapshot = ref === null ? [] : [`the snapshot ${ref} (yours)`];
  const rows = tables.map(({ table, bytes }) =>
    bytes === null ? table : `${table} (${formatBytes(bytes)})`,
  );
  const dumped = {
    none: [],
    schema: ['a dump of the schema'],
    data: ['a dump of the schema', `one of the rows of ${rows.join(', ')}`],
  }[dump];
  return [...snapshot, ...dumped].join(', ');
}

function statementLines(statement: PlannedStatement, style: Style): string[] {
  const lines = [
    `  ${statement.statement}. ${statement.summary}${statement.transactional ? '' : style.dim(' (outside a transaction)')}`,
    ...statement.locks.map((lock) =>
      style.dim(`     locks ${lock.table}: ${lock.mode} (${lock.work})`),
    ),
    ...statement.heldLocks.map((lock) =>
      style.warn(`     still held from statement ${lock.since}: ${lock.table}, ${lock.mode}`),
    ),
  ];
  if (statement.sql !== undefined) {
    lines.push(...statement.sql.split(/\r?\n/).map((line) => `     | ${line}`));
  }
  return lines;
}
