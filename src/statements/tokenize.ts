import { lexerFor, MARKER, type RuleName } from './lexer.js';
import type { Dialect, SqlMode } from './statement.js';

/** What a stretch of SQL text is. */
export type TokenKind =
  | 'space'
  | 'line comment'
  | 'block comment'
  /** Drizzle Kit's separator. */
  | 'marker'
  /** Keyword or unquoted name. */
  | 'word'
  /** Quoted name. */
  | 'name'
  /** Literal in quotes or dollar quotes, prefix included. */
  | 'string'
  | 'number'
  | 'param'
  | 'variable'
  | 'operator'
  | 'punctuation'
  /** MySQL optimiser hint: kept, but not code of its own. */
  | 'hint'
  /** `/*!50000` and its closing `*` `/`: what stands between them is code. */
  | 'code bracket'
  /** psql meta-command. */
  | 'meta'
  | 'other'
  /** Last token of a text whose literal or comment never closes. */
  | 'unterminated';

/** One token. Tokens follow each other without a gap: their texts joined are the text (but for a BOM). */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset of its first character in the whole text. */
  readonly start: number;
  /** 1-based line of its first character. */
  readonly line: number;
}

const KINDS: Readonly<Record<RuleName, TokenKind>> = {
  marker: 'marker',
  lineComment: 'line comment',
  blockOpen: 'block comment',
  hintOpen: 'hint',
  codeOpen: 'code bracket',
  codeClose: 'code bracket',
  space: 'space',
  stringOpen: 'string',
  nameOpen: 'name',
  dollar: 'string',
  param: 'param',
  variable: 'variable',
  number: 'number',
  word: 'word',
  operator: 'operator',
  punctuation: 'punctuation',
  meta: 'meta',
  nest: 'other',
  close: 'other',
  inside: 'other',
};

/**
 * The tokens of a SQL text, one at a time: memory does not grow with the text. Never throws.
 * A UTF-8 BOM at the start belongs to no token.
 */
export function* tokenize(text: string, dialect: Dialect, mode?: SqlMode): Generator<Token, void> {
  const lexer = lexerFor(dialect, mode);
  // Offset of the lexer's buffer in the text: it is restarted behind what its rules cannot describe.
  let base = 0;
  const restart = (at: number, line: number): void => {
    base = at;
    // A slice shares the memory of the text.
    lexer.reset(text.slice(at), { line, col: 1, state: 'main' });
  };
  restart(text.startsWith('\uFEFF') ? 1 : 0, 1);

  for (let found = lexer.next(); found !== undefined; found = lexer.next()) {
    const rule = found.type as RuleName;
    const start = base + found.offset;
    const line = found.line;
    switch (rule) {
      case 'blockOpen':
      case 'hintOpen':
      case 'stringOpen':
      case 'nameOpen': {
        const end = closeOf(lexer);
        if (end === null) {
          yield { kind: 'unterminated', text: text.slice(start), start, line };
          return;
        }
        yield { kind: KINDS[rule], text: text.slice(start, base + end), start, line };
        break;
      }
      case 'dollar': {
        // The tag is free text, which no state of the lexer can carry.
        const close = text.indexOf(found.text, start + found.text.length);
        if (close === -1) {
          yield { kind: 'unterminated', text: text.slice(start), start, line };
          return;
        }
        const end = close + found.text.length;
        yield { kind: 'string', text: text.slice(start, end), start, line };
        restart(end, line + newlines(text, start, end));
        break;
      }
      case 'lineComment': {
        // A marker ends a comment, as it does for stock; what follows it on the line is SQL again.
        const marker = found.text.indexOf(MARKER);
        if (marker === -1) {
          yield { kind: 'line comment', text: found.text, start, line };
          break;
        }
        yield { kind: 'line comment', text: found.text.slice(0, marker), start, line };
        yield { kind: 'marker', text: MARKER, start: start + marker, line };
        restart(start + marker + MARKER.length, line);
        break;
      }
      default:
        yield { kind: KINDS[rule], text: found.text, start, line };
    }
  }
}

/** Runs to the end of what was opened and says where that is, or null if it never closes. */
function closeOf(lexer: ReturnType<typeof lexerFor>): number | null {
  let depth = 1;
  for (let part = lexer.next(); part !== undefined; part = lexer.next()) {
    if (part.type === 'nest') depth += 1;
    else if (part.type === 'close') depth -= 1;
    if (depth === 0) return part.offset + part.text.length;
  }
  return null;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) {
    count += 1;
  }
  return count;
}

/** Whether a token is SQL that a server acts on, as opposed to what only separates or explains. */
export function isCode(token: Token): boolean {
  switch (token.kind) {
    case 'space':
    case 'line comment':
    case 'block comment':
    case 'marker':
    case 'hint':
      return false;
    case 'word':
    case 'name':
    case 'string':
    case 'number':
    case 'param':
    case 'variable':
    case 'operator':
    case 'punctuation':
    case 'code bracket':
    case 'meta':
    case 'other':
    case 'unterminated':
      return true;
  }
}
