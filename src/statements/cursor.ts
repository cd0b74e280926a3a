import type { Dialect, ObjectName, SqlMode } from './statement.js';
import { isCode, Tokenizer, type Token } from './tokenize.js';

/** A qualified name as written: schema and last part, as the server stores them. */
export interface QualifiedName {
  readonly schema: string | null;
  readonly name: string;
}

/** Postgres keeps this many bytes of a name (NAMEDATALEN - 1). */
const POSTGRES_NAME_BYTES = 63;

/**
 * A position in the code tokens of one statement. Tokens are made when they are looked at, so that a statement of many
 * megabytes costs no more than what is asked of it. Reading past the end gives `undefined` and never throws.
 */
export class Cursor {
  private readonly tokens: Token[] = [];
  private readonly source: Tokenizer;
  private at = 0;
  private ended = false;

  constructor(
    readonly sql: string,
    readonly dialect: Dialect,
    mode?: SqlMode,
  ) {
    this.source = new Tokenizer(sql, dialect, mode);
  }

  get position(): number {
    return this.at;
  }

  set position(at: number) {
    this.at = at;
  }

  /** The code token `offset` places from here. */
  peek(offset = 0): Token | undefined {
    const wanted = this.at + offset;
    while (!this.ended && this.tokens.length <= wanted) {
      const next = this.source.next();
      if (next === undefined) this.ended = true;
      else if (isCode(next) && next.kind !== 'code bracket') {
        this.tokens.push(next);
      }
    }
    return this.tokens[wanted];
  }

  get atEnd(): boolean {
    return this.peek() === undefined;
  }

  /** The unquoted word `offset` places from here, in upper case; empty for anything else. */
  word(offset = 0): string {
    const token = this.peek(offset);
    return token?.kind === 'word' ? token.text.toUpperCase() : '';
  }

  /** Whether the next unquoted words are these (upper case). */
  is(...words: readonly string[]): boolean {
    return words.every((word, offset) => this.word(offset) === word);
  }

  /** Whether the next token is this punctuation or operator. */
  isText(text: string): boolean {
    const token = this.peek();
    return token !== undefined && token.kind !== 'name' && token.text === text;
  }

  skip(count = 1): void {
    this.at += count;
  }

  /** Goes past these words, if they are next. */
  take(...words: readonly string[]): boolean {
    if (!this.is(...words)) return false;
    this.at += words.length;
    return true;
  }

  /** Goes past one of these words, if one is next, and says which. */
  takeAny(...words: readonly string[]): string | null {
    const word = this.word();
    if (word === '' || !words.includes(word)) return null;
    this.at += 1;
    return word;
  }

  takeText(text: string): boolean {
    if (!this.isText(text)) return false;
    this.at += 1;
    return true;
  }

  ifExists(): boolean {
    return this.take('IF', 'EXISTS');
  }

  ifNotExists(): boolean {
    return this.take('IF', 'NOT', 'EXISTS');
  }

  /** One part of a name, or null if what is next cannot be one. */
  identifier(): string | null {
    const token = this.peek();
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) return null;
    this.at += 1;
    return this.dialect === 'postgresql' ? postgresName(token) : mysqlName(token);
  }

  /** A name of one to three parts. */
  qualifiedName(): QualifiedName | null {
    let name = this.identifier();
    if (name === null) return null;
    let schema: string | null = null;
    while (this.isText('.')) {
      this.at += 1;
      const next = this.identifier();
      if (next === null) break;
      schema = name;
      name = next;
    }
    return { schema, name };
  }

  /** An object of this kind, if a name is next. */
  object(kind: ObjectName['kind']): ObjectName | null {
    const name = this.qualifiedName();
    return name === null ? null : { kind, ...name };
  }

  /** Names separated by commas, each with what may stand around it skipped by `around`. */
  objects(kind: ObjectName['kind'], around?: () => void): ObjectName[] {
    const objects: ObjectName[] = [];
    do {
      const object = this.object(kind);
      if (object === null) break;
      objects.push(object);
      around?.();
    } while (this.takeText(','));
    return objects;
  }

  /** Goes past a parenthesised list, if one is next. */
  skipParentheses(): boolean {
    if (!this.isText('(')) return false;
    let depth = 0;
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      this.at += 1;
      if (token.text === '(') depth += 1;
      else if (token.text === ')') depth -= 1;
      if (depth === 0) break;
    }
    return true;
  }

  /** Moves to the first of these words outside parentheses, and says whether there is one. Without one it stays. */
  seek(...words: readonly string[]): boolean {
    const start = this.at;
    while (!this.atEnd) {
      if (words.includes(this.word())) return true;
      if (!this.skipParentheses()) this.at += 1;
    }
    this.at = start;
    return false;
  }

  /** Whether one of these words stands outside parentheses from here up to `end` (a token position). */
  has(end: number, ...words: readonly string[]): boolean {
    const start = this.at;
    const found = this.seek(...words) && this.at < end;
    this.at = start;
    return found;
  }

  /** Goes past everything up to the next comma outside parentheses, or the end; the comma is not taken. */
  skipToComma(): number {
    while (!this.atEnd && !this.isText(',')) {
      if (!this.skipParentheses()) this.at += 1;
    }
    return this.at;
  }
}

function postgresName(token: Token): string {
  if (token.kind === 'word') return cut(token.text.replace(/[A-Z]/g, (c) => c.toLowerCase()));
  const unicode = /^u&/i.test(token.text);
  const text = token.text.slice(unicode ? 3 : 1, -1).replaceAll('""', '"');
  return cut(unicode ? unescape(text) : text);
}

/** `\XXXX` and `\+XXXXXX` of U&"..." names, with the usual escape character. */
function unescape(text: string): string {
  return text.replace(
    /\\(?:\\|\+([0-9a-f]{6})|([0-9a-f]{4}))/gi,
    (all, long?: string, short?: string) => {
      const code = Number.parseInt(long ?? short ?? '5c', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** Postgres cuts names at 63 bytes, never inside a character. */
function cut(name: string): string {
  if (Buffer.byteLength(name) <= POSTGRES_NAME_BYTES) return name;
  let bytes = 0;
  let kept = '';
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > POSTGRES_NAME_BYTES) break;
    kept += character;
  }
  return kept;
}

function mysqlName(token: Token): string {
  if (token.kind === 'word') return token.text;
  const quote = token.text.charAt(0);
  return token.text.slice(1, -1).replaceAll(quote + quote, quote);
}
