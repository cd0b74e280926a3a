import type { Coverage, Directives } from './journal.js';

/** What each line covers: from the statement below it to the next `@operation` or `@online` line, or to the end of the file. Pure. */
export function coverageOf(
  { operations, undone, online }: Pick<Directives, 'operations' | 'undone' | 'online'>,
  statements: number,
): readonly Coverage[] {
  const starts = [
    ...[...operations, ...undone].map(({ line, fromStatement }) => ({
      kind: 'operation' as const,
      line,
      from: fromStatement,
    })),
    ...online.map(({ line, fromStatement }) => ({
      kind: 'online' as const,
      line,
      from: fromStatement,
    })),
  ].toSorted((one, other) => one.line - other.line);
  return starts.map((start, index) => ({
    ...start,
    until: starts[index + 1]?.from ?? statements,
  }));
}
