import type { OnlineStatement, ParsedMigration } from '../journal/journal.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import type { ClassifiedStatement } from '../statements/statement.js';
import type { MigrationAction, StatementStep, Step } from './plan.js';
import { gotSomewhere } from './got-somewhere.js';

/** What the lines of a file stand for in one database. */
export interface Reading {
  /** Whether an `@operation` line stands for the statements that it covers. */
  readonly carriesOut: (operation: string) => boolean;
  /** Whether an online form stands for those below `@online`. */
  readonly online: boolean;
}

/** There are rows, and others who write them. */
export const WITH_DATA: Reading = { carriesOut: () => true, online: true };

/** There is nobody to keep out. */
export function withoutData(): Reading {
  return { carriesOut: () => false, online: false };
}

/** The positions of a migration in order: statements, and code migrations where their `@run` lines stand. */
export function stepsOf(migration: ParsedMigration, reading: Reading): readonly Step[] {
  const { directives, statements } = migration;
  const inserted = [
    ...directives.run.map(({ name, line, beforeStatement }) => ({
      line,
      before: beforeStatement,
      step: { kind: 'code' as const, name, line },
    })),
    ...operationsOf(migration).filter(({ step }) => reading.carriesOut(step.name)),
  ].sort((one, other) => one.line - other.line);
  const covered = new Set(
    inserted.flatMap(({ step }) => (step.kind === 'operation' ? step.covers : [])),
  );
  const steps: Step[] = [];
  let next = 0;
  const insertUntil = (index: number): void => {
    for (let entry = inserted[next]; entry && entry.before <= index; entry = inserted[++next]) {
      steps.push({ ...entry.step, position: steps.length });
    }
  };
  for (const { index } of statements) {
    insertUntil(index);
    if (covered.has(index)) continue;
    const online = reading.online ? migration.online.get(index) : undefined;
    for (const [part] of (online ?? [undefined]).entries()) {
      const position = steps.length;
      steps.push({
        kind: 'statement',
        position,
        index,
        ...(online !== undefined && { online: part }),
      });
    }
  }
  insertUntil(Number.POSITIVE_INFINITY);
  return steps;
}

function operationsOf({ directives, coverage }: ParsedMigration) {
  return directives.operations.map(({ name, phase, line, fromStatement }) => {
    const until = coverage.find((one) => one.line === line)?.until ?? fromStatement;
    const covers = Array.from(
      { length: until - fromStatement },
      (_, offset) => fromStatement + offset,
    );
    return {
      line,
      before: fromStatement,
      step: { kind: 'operation' as const, name, phase, line, covers },
    };
  });
}

/**
 * The positions as they count in this database. Operations and online forms are carried out where there is data; an attempt that got somewhere goes
 * on with the reading that it began with, which its number of positions tells.
 *
 * @param asStatements operations whose lines are comments here, see {@link operationsAsStatements}
 */
export function stepsHere(
  migration: ParsedMigration,
  ledger: Pick<LedgerSnapshot, 'empty' | 'attempts'>,
  asStatements: ReadonlySet<string>,
): readonly Step[] {
  const carriesOut = (operation: string): boolean => !asStatements.has(operation);
  const here = stepsOf(migration, { carriesOut, online: !ledger.empty });
  const begun = ledger.attempts.findLast(
    ({ kind, tag }) => kind === 'migration' && tag === migration.migration.tag,
  );
  if (begun === undefined || begun.state === 'done') return here;
  if (!gotSomewhere(begun)) return here;
  const others = [WITH_DATA, { carriesOut, online: false }, withoutData()];
  return (
    [here, ...others.map((reading) => stepsOf(migration, reading))].find(
      ({ length }) => length === begun.statements,
    ) ?? here
  );
}

/**
 * Statements of the file that are wholly in front of a position. Positions are not statements: one below `@online` may be several, and a phase stands
 * for none or many.
 */
export function statementsBefore(
  { statements }: ParsedMigration,
  steps: readonly Step[],
  position: number,
): number {
  for (const step of steps.slice(position)) {
    if (step.kind === 'statement') return step.index;
    const [first] = step.kind === 'operation' ? step.covers : [];
    if (first !== undefined) return first;
  }
  return statements.length;
}

/** The statement that stands at a position: of the file, or of the online form of one. */
export function statementAt(migration: ParsedMigration, step: StatementStep): ClassifiedStatement {
  return onlinePart(migration, step)?.statement ?? statementOf(migration, step.index);
}

/** What a position is of a statement's online form; null = it is none. */
export function onlinePart(
  { online }: ParsedMigration,
  step: StatementStep,
): OnlineStatement | null {
  if (step.online === undefined) return null;
  const part = online.get(step.index)?.[step.online];
  if (part === undefined) throw new RangeError(`no part ${step.online} of statement ${step.index}`);
  return part;
}

function statementOf({ statements }: ParsedMigration, index: number): ClassifiedStatement {
  const statement = statements[index];
  if (statement === undefined) throw new RangeError(`no statement ${index}`);
  return statement;
}

/** The statements of some positions, in order, those that an operation stands for included; code migrations have none. */
export function statementsOf(
  migration: ParsedMigration,
  steps: readonly Step[],
): readonly ClassifiedStatement[] {
  return steps.flatMap((step) => {
    switch (step.kind) {
      case 'statement':
        return [statementAt(migration, step)];
      case 'operation':
        return step.covers.map((index) => statementOf(migration, index));
      case 'code':
        return [];
    }
  });
}

/** Positions that a resumed migration still has to run. */
export function remainingSteps(action: MigrationAction): readonly Step[] {
  const from = action.resume?.position ?? 0;
  return action.steps.filter((step) => step.position >= from);
}
