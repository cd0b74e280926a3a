import type { PlannedMigration, PlannedStatement } from '../../migrator.js';
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
    ...migration.statements.flatMap((statement) => statementLines(statement, style)),
  ];
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
