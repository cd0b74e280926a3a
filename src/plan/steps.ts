import type { ParsedMigration } from '../journal/journal.js';
import type { ClassifiedStatement } from '../statements/statement.js';
import type { MigrationAction, StatementStep, Step } from './plan.js';

/** The positions of a migration in order: statements, and code migrations where their `@run` lines stand. */
export function stepsOf(migration: ParsedMigration): readonly Step[] {
  const steps: Step[] = [];
  const code = [...migration.directives.run].sort((a, b) => a.line - b.line);
  let next = 0;
  const pushCode = (until: number): void => {
    for (let entry = code[next]; entry && entry.beforeStatement <= until; entry = code[++next]) {
      steps.push({ kind: 'code', position: steps.length, name: entry.name, line: entry.line });
    }
  };
  for (const statement of migration.statements) {
    pushCode(statement.index);
    steps.push({ kind: 'statement', position: steps.length, index: statement.index });
  }
  pushCode(Number.POSITIVE_INFINITY);
  return steps;
}

/** The statement that stands at a position. */
export function statementAt(
  { statements }: ParsedMigration,
  step: StatementStep,
): ClassifiedStatement {
  const statement = statements[step.index];
  if (statement === undefined) throw new RangeError(`no statement ${step.index}`);
  return statement;
}

/** The statements of some positions, in order; code migrations have none. */
export function statementsOf(
  migration: ParsedMigration,
  steps: readonly Step[],
): readonly ClassifiedStatement[] {
  return steps.flatMap((step) => (step.kind === 'code' ? [] : [statementAt(migration, step)]));
}

/** Positions that a resumed migration still has to run. */
export function remainingSteps(action: MigrationAction): readonly Step[] {
  const from = action.resume?.position ?? 0;
  return action.steps.filter((step) => step.position >= from);
}
