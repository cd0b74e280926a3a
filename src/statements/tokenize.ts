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

/** Rules that lead into a state of the lexer, to be run through to its close. */
const OPENERS: ReadonlySet<RuleName> = new Set(['blockOpen', 'hintOpen', 'stringOpen', 'nameOpen']);

/**
 * The tokens of a SQL text, one at a time: memory does not grow with the text. Never throws.
 * A UTF-8 BOM at the start belongs to no token. (A class and no generator: files of millions of tokens take half the time.)
 */
export class Tokenizer {
  private readonly lexer: ReturnType<typeof lexerFor>;
  /** Offset of the lexer's buffer in the text: it is restarted behind what its rules cannot describe. */
  private base = 0;
  private queued: Token | undefined;
  private ended = false;

  constructor(
    private readonly text: string,
    dialect: Dialect,
    mode?: SqlMode,
  ) {
    this.lexer = lexerFor(dialect, mode);
    this.restart(text.startsWith('\uFEFF') ? 1 : 0, 1);
  }

  /** The next token; undefined at the end. */
  next(): Token | undefined {
    if (this.queued !== undefined) {
      const token = this.queued;
      this.queued = undefined;
      return token;
    }
    const found = this.ended ? undefined : this.lexer.next();
    if (found === undefined) return undefined;
    const rule = found.type as RuleName;
    const start = this.base + found.offset;
    const line = found.line;
    if (OPENERS.has(rule)) return this.upTo(this.closeOf(), rule, start, line);
    if (rule === 'dollar') return this.dollarQuote(found.text, start, line);
    if (rule === 'lineComment' && found.text.includes(MARKER)) {
      return this.endedByMarker(found.text, start, line);
    }
    return { kind: KINDS[rule], text: found.text, start, line };
  }

  private restart(at: number, line: number): void {
    this.base = at;
    // A slice shares the memory of the text.
    this.lexer.reset(this.text.slice(at), { line, col: 1, state: 'main' });
  }

  private upTo(end: number | null, rule: RuleName, start: number, line: number): Token {
    if (end === null) this.ended = true;
    return {
      kind: end === null ? 'unterminated' : KINDS[rule],
      text: this.text.slice(start, end ?? undefined),
      start,
      line,
    };
  }

  /** Runs to the end of what was opened and says where that is, or null if it never closes. */
  private closeOf(): number | null {
    let depth = 1;
    for (let part = this.lexer.next(); part !== undefined; part = this.lexer.next()) {
      if (part.type === 'nest') depth += 1;
      else if (part.type === 'close') depth -= 1;
      if (depth === 0) return this.base + part.offset + part.text.length;
    }
    return null;
  }

  /** The tag is free text, which no state of the lexer can carry. */
  private dollarQuote(tag: string, start: number, line: number): Token {
    const close = this.text.indexOf(tag, start + tag.length);
    const end = close === -1 ? null : close + tag.length;
    const token = this.upTo(end, 'dollar', start, line);
    if (end !== null) this.restart(end, line + newlines(token.text));
    return token;
  }

  /** A marker ends a comment, as it does for stock; what follows it on the line is SQL again. */
  private endedByMarker(comment: string, start: number, line: number): Token {
    const text = comment.slice(0, comment.indexOf(MARKER));
    const at = start + text.length;
    this.queued = { kind: 'marker', text: MARKER, start: at, line };
    this.restart(at + MARKER.length, line);
    return { kind: 'line comment', text, start, line };
  }
}

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
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
