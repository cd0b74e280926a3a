/** A JSON object, as far as it is known to be one. */
export type Json = Readonly<Record<string, unknown>>;

/** A value as a record; one without members where it is none. */
export function recordOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** A text that says something, else null: 0.x writes the schema `public` as an empty one. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The columns of a key up to its first expression. Constraints write names, indexes objects: `expression` in 0.x, `value` in 1.x. */
export function leadingColumns(value: unknown): readonly string[] {
  const columns: readonly unknown[] = Array.isArray(value) ? value : [];
  const names = columns.map((column) => {
    if (typeof column === 'string') return column;
    const { expression, value: name, isExpression } = recordOf(column);
    return isExpression === true ? null : textOf(expression ?? name);
  });
  const end = names.indexOf(null);
  return names.slice(0, end === -1 ? names.length : end).filter((name) => name !== null);
}
