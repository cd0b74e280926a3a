import type { ClassifiedStatement, SchemaEffect } from '../statements/statement.js';
import type { Coverage, Directives } from './journal.js';

type Classified = Pick<ClassifiedStatement, 'is'>;
type Phase = Directives['operations'][number]['phase'];

/**
 * Statements as older builds meet them: those below an `@operation` line are carried out by the operation, which keeps both forms in step until its contract.
 * So before the contract nothing is taken away, and the contract only takes away, however the statements themselves would do it: a type that is changed in
 * place, or a column that is renamed, was both added and removed by then. Pure.
 */
export function asCarriedOut(
  statements: readonly ClassifiedStatement[],
  coverage: readonly Coverage[],
  { operations }: Pick<Directives, 'operations'>,
): readonly Classified[] {
  if (operations.length === 0) return statements;
  return statements.map((statement, index) => {
    const line = coverage.find(
      ({ kind, from, until }) => kind === 'operation' && from <= index && index < until,
    )?.line;
    const phase = operations.find((operation) => operation.line === line)?.phase;
    if (phase === undefined) return statement;
    const effects = statement.is.effects.map((effect) => inPhase(effect, phase));
    return { is: { ...statement.is, effects } };
  });
}

function inPhase(effect: SchemaEffect, phase: Phase): SchemaEffect {
  const { breaksOldWriters: _kept, ...rest } = effect;
  if (phase === 'contract') return { ...rest, effect: 'removes' };
  return { ...rest, effect: effect.effect === 'adds' ? 'adds' : 'neutral' };
}
