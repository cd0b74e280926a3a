import type { PlannedMigration, PlannedStatement } from '../migrator.js';
import { nameOfTable } from './backup-refusals.js';
import type { PlannedBackup } from './backup.js';
import { heldLocks, type HeldLocks } from '../statements/held-locks.js';
import type { LockTaken, ObjectName } from '../statements/statement.js';
import { summary } from '../statements/summary.js';
import type { DatabasePlan, MigrationAction, OperationStep, StatementStep, Step } from './plan.js';
import { remainingSteps, statementAt } from './steps.js';

/** A plan as people and `--json` see it: each statement with the locks it takes, and those held while it works. Pure. */
export function describePlan(
  plan: Pick<DatabasePlan, 'actions' | 'phases'>,
  options: { readonly sql: boolean },
): readonly PlannedMigration[] {
  return plan.actions.map((action) => {
    const { migration, directives } = action.migration;
    return {
      tag: action.id,
      file: migration.file,
      kind: action.kind,
      impact: action.impact,
      requires: action.kind === 'revert' ? null : action.migration.requires,
      atomic: action.atomic,
      statements: remainingSteps(action).map((step) => describeStep(plan, action, step, options)),
      reversible: migration.downFile !== null && directives.irreversible === null,
      ...(action.backup !== undefined && { backup: describeBackup(action.backup) }),
    };
  });
}

function describeBackup({
  dump,
  tables,
  ref,
}: PlannedBackup): NonNullable<PlannedMigration['backup']> {
  const sized = tables.map((table) => ({ table: nameOfTable(table), bytes: table.bytes }));
  return { dump, tables: sized, ref };
}

function describeStep(
  plan: Pick<DatabasePlan, 'actions' | 'phases'>,
  action: MigrationAction,
  step: Step,
  options: { readonly sql: boolean },
): PlannedStatement {
  const unit = action.units.find(({ steps }) => steps.includes(step));
  const transactional = unit?.mode !== 'autocommit';
  if (step.kind === 'code') {
    return {
      statement: step.position + 1,
      line: step.line,
      summary: `code migration ${step.name} (opaque: its SQL is not known before it runs)`,
      transactional,
      locks: [],
      heldLocks: [],
    };
  }
  if (step.kind === 'operation') return describePhase(plan, action, step, options);
  const statement = statementAt(action.migration, step);
  return {
    statement: step.position + 1,
    line: statement.line,
    summary: `${summary(statement, statement.is)}${ofOnlineForm(action, step)}`,
    transactional,
    locks: statement.is.locks.map(lockOf),
    heldLocks: heldDuring(action, step).flatMap(({ held }) =>
      held.map(({ object, mode, since }) => ({ table: nameOf(object), mode, since: since + 1 })),
    ),
    ...(options.sql && { sql: statement.sql }),
  };
}

/** A phase as one line: which statements it stands for, and what it does instead. */
function describePhase(
  { phases }: Pick<DatabasePlan, 'phases'>,
  action: MigrationAction,
  { name, phase, line, covers, position }: OperationStep,
  options: { readonly sql: boolean },
): PlannedStatement {
  const planned = phases.find((one) => one.tag === action.id && one.position === position);
  const actions = planned?.actions ?? [];
  const instead =
    covers.length === 0
      ? ''
      : ` in place of statement ${covers.map((index) => index + 1).join(', ')}`;
  const doing =
    planned === undefined
      ? ' (this database is past it)'
      : planned.left === true
        ? ' (left to a worker: nest-migrate backfill run)'
        : !planned.known
          ? planned.locked === true
            ? ' (its table could not be read)'
            : ' (after the phases before it)'
          : actions.length === 0
            ? ''
            : `: ${actions.map(({ id }) => id).join(', ')}`;
  return {
    statement: position + 1,
    line,
    summary: `operation ${name} ${phase}${instead}${doing}`,
    transactional: false,
    locks: actions.flatMap(({ locks }) => locks.map(lockOf)),
    heldLocks: [],
    ...(options.sql && { sql: actions.flatMap(({ statements }) => statements).join(';\n') }),
  };
}

function lockOf({ object, mode, work }: LockTaken): PlannedStatement['locks'][number] {
  return { table: nameOf(object), mode, work };
}

function ofOnlineForm({ migration }: MigrationAction, { index, online }: StatementStep): string {
  if (online === undefined) return '';
  const parts = migration.online.get(index)?.length ?? 0;
  const which = parts > 1 ? `part ${online + 1} of ${parts}` : 'the whole';
  return ` (${which} of the online form of statement ${index + 1})`;
}

/** By position, as a plan numbers what it shows. */
function heldDuring(action: MigrationAction, { position }: StatementStep): readonly HeldLocks[] {
  const unit = action.units.find(({ steps }) => steps.some((step) => step.position === position));
  const statements = (unit?.steps ?? []).flatMap((step) =>
    step.kind === 'statement'
      ? [{ index: step.position, is: statementAt(action.migration, step).is }]
      : [],
  );
  return heldLocks(statements).filter(({ statement }) => statement === position);
}

function nameOf({ schema, name }: ObjectName): string {
  return schema === null ? name : `${schema}.${name}`;
}
