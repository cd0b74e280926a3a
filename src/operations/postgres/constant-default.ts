/** Casts as `pg_get_expr` prints them behind a literal. */
const CASTS = /(?:::(?:"(?:[^"]|"")*"|[\w. ])+(?:\([\d, ]+\))?(?:\[\])*)*$/;

/**
 * The literal of a default that is the same for every row, without its casts, such as `'new'` or `0`; null for anything that is
 * computed. The default as `pg_get_expr` prints it.
 */
export function constantDefault(expression: string): string | null {
  const bare = unwrapped(expression.trim().replace(CASTS, ''));
  return /^(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false)$/i.test(bare) ? bare : null;
}

/** `(0)::numeric` prints the literal in parentheses. */
function unwrapped(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1).trim() : text.trim();
}
