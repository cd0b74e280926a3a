import type { Dialect } from '../statements/statement.js';
import type { ParsedMigration } from '../journal/journal.js';
import type { Step, Unit } from './plan.js';
import { onlinePart, statementAt } from './steps.js';

/**
 * Cuts a migration into units. Cases, in order (drizzle.md 6.1, 6.3):
 * 1. `COMMIT` closes the unit and what follows runs statement by statement; `BEGIN` opens a unit again. Neither is ever sent.
 * 2. What cannot run in a transaction is a unit of its own, in autocommit. On MySQL that is every statement that commits implicitly.
 * 3. Stored code that may commit by itself (CALL, DO with COMMIT in it) is in autocommit where the file asks for no transaction, and always on MySQL.
 * 4. Session settings outside a transaction are in autocommit: they have no effect to lose, and a resume replays them.
 * 5. ALTER TYPE ... ADD VALUE whose value is used later in the file closes its unit: Postgres forbids the use in the same transaction (55P04).
 * 6. Statement by statement still means one transaction a statement: statement and cursor commit together.
 * 7. A phase of an operation is a unit of its own.
 * 8. The parts of an online form are in the units that the form says, and in none with other statements.
 * 9. Anything else joins the open unit.
 */
export function unitsOf(
  migration: ParsedMigration,
  steps: readonly Step[],
  dialect: Dialect,
): readonly Unit[] {
  const units: Unit[] = [];
  let open: Step[] = [];
  let inTransaction = migration.directives.transaction !== 'off';
  const close = (): void => {
    if (open.length > 0) units.push({ mode: 'transaction', steps: open });
    open = [];
  };
  const alone = (mode: Unit['mode'], step: Step): void => {
    close();
    units.push({ mode, steps: [step] });
  };

  for (const [at, step] of steps.entries()) {
    if (step.kind === 'operation') {
      alone('operation', step);
      continue;
    }
    if (step.kind === 'code') {
      if (inTransaction && dialect === 'postgresql') open.push(step);
      else alone('transaction', step);
      continue;
    }
    const part = onlinePart(migration, step);
    if (part !== null) {
      if (!part.transaction) {
        alone('autocommit', step);
        continue;
      }
      if (!isOfOneUnit(migration, steps[at - 1], step)) close();
      open.push(step);
      if (!isOfOneUnit(migration, step, steps[at + 1])) close();
      continue;
    }
    const statement = statementAt(migration, step);
    const { is } = statement;
    if (is.control === 'begin' || is.control === 'commit' || is.control === 'commit-chain') {
      close();
      inTransaction = is.control !== 'commit';
    } else if (!is.transactional) {
      alone('autocommit', step);
    } else if (
      is.category === 'call' &&
      (dialect === 'mysql' || (!inTransaction && mayCommit(statement.sql)))
    ) {
      alone('autocommit', step);
    } else if (is.category === 'setting' && !inTransaction) {
      alone('autocommit', step);
    } else if (!inTransaction) {
      alone('transaction', step);
    } else {
      open.push(step);
      if (is.enumValue !== null && valueIsUsedLater(migration, step.index, is.enumValue)) close();
    }
  }
  close();
  return units;
}

/** Whether two positions are parts of one online form that commit together. */
function isOfOneUnit(
  migration: ParsedMigration,
  one: Step | undefined,
  other: Step | undefined,
): boolean {
  if (one?.kind !== 'statement' || other?.kind !== 'statement') return false;
  if (one.index !== other.index) return false;
  return onlinePart(migration, one)?.unit === onlinePart(migration, other)?.unit;
}

/** A body that names COMMIT or ROLLBACK may end the transaction around it, which Postgres refuses inside a block. */
function mayCommit(sql: string): boolean {
  return /^\s*call\b/i.test(sql) || /\b(?:commit|rollback)\b/i.test(sql);
}

function valueIsUsedLater(migration: ParsedMigration, index: number, value: string): boolean {
  const literal = `'${value.replaceAll("'", "''")}'`;
  return migration.statements.some((later) => later.index > index && later.sql.includes(literal));
}
