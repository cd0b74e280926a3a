import { AssertionError } from 'node:assert';

/** Objects that a message lists; the error's `actual` and `expected` hold them all. */
const LISTED = 30;

/** What two descriptions of a schema do not share. Pure. */
export interface SchemaDifference {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** @param expected both sorted */
export function schemaDifference(
  expected: readonly string[],
  actual: readonly string[],
): SchemaDifference | null {
  const missing = withoutThose(expected, actual);
  const unexpected = withoutThose(actual, expected);
  return missing.length + unexpected.length === 0 ? null : { missing, unexpected };
}

/** The error of a schema that is not what it should be: `-` is what should be there, `+` what is. */
export function schemaError(
  message: string,
  { missing, unexpected }: SchemaDifference,
): AssertionError {
  const lines = [
    ...missing.map((line) => ({ line, mark: '-' })),
    ...unexpected.map((line) => ({ line, mark: '+' })),
  ].toSorted((a, b) => (a.line < b.line ? -1 : 1));
  const listed = lines
    .slice(0, LISTED)
    .map(({ line, mark }) => `  ${mark} ${line.replaceAll('\n', '\n      ')}`);
  const more = lines.length - listed.length;
  return new AssertionError({
    message: [message, ...listed, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'),
    expected: missing.join('\n'),
    actual: unexpected.join('\n'),
    operator: 'schemaEqual',
  });
}

/** With repetition: what stands twice in one and once in the other is a difference. */
function withoutThose(lines: readonly string[], those: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of those) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
