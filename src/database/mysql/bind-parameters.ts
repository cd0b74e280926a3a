import { MigratorError } from '../../errors.js';

/** Text that is the same in quotes under every sql_mode. */
const PLAIN_TEXT = /^[^'\\\0]*$/;

/** String literals, quoted names and comments, in which a `?` is no placeholder; and the placeholder itself. */
const TOKENS =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|--[ \t][^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|\?/g;

/**
 * Puts values in place of `?`, for the text protocol. mysql2's own escaping writes backslashes, which are ordinary characters under NO_BACKSLASH_ESCAPES
 * (and then the value ends early); text with a quote or a backslash is written as hexadecimal instead, which no sql_mode changes.
 * @throws {MigratorError} `INTERNAL` when the numbers of placeholders and values differ
 */
export function bindParameters(sql: string, values: readonly unknown[]): string {
  let position = 0;
  const bound = sql.replace(TOKENS, (token) => {
    if (token !== '?') return token;
    position += 1;
    return position > values.length ? token : literal(values[position - 1]);
  });
  if (position !== values.length) {
    throw new MigratorError('INTERNAL', {
      message: `A statement has ${position} placeholders and got ${values.length} values.`,
      remedy: 'Give one value for each ? of the statement.',
    });
  }
  return bound;
}

function literal(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'NULL';
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 'TRUE' : 'FALSE';
    case 'object':
      if (value === null) return 'NULL';
      if (value instanceof Date) return text(localTime(value));
      if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`;
      // As mysql2: a list for IN (?).
      if (Array.isArray(value)) return value.map(literal).join(', ');
      return text(JSON.stringify(value));
    case 'undefined':
    case 'function':
    case 'symbol':
      return 'NULL';
  }
}

function text(value: string): string {
  if (PLAIN_TEXT.test(value)) return `'${value}'`;
  return `_utf8mb4 X'${Buffer.from(value, 'utf8').toString('hex')}'`;
}

/** In the time zone of this process, as mysql2 writes a Date by default. */
function localTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
