import { MigratorError, type ErrorPlace } from '../errors.js';
import { Head } from './head.js';
import { RoutineBody } from './routine.js';
import type { Dialect, SqlMode, Statement } from './statement.js';
import { Tokenizer, type Token } from './tokenize.js';

/** A `-- ...` comment in code position: not in a literal, a quoted name, a block comment or a routine's body. */
export interface LineComment {
  /** What follows the two dashes, up to the end of the line or a marker, untrimmed. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  /** Offset of the two dashes in the text. */
  readonly offset: number;
  /** Index of the statement that begins below it; the number of statements if none does. */
  readonly statement: number;
}

/** What {@link readSql} tells of a text, in the order in which it stands there. A statement comes after its tokens. */
export interface SqlReader {
  statement?(statement: Statement): void;
  comment?(comment: LineComment): void;
  /** Code tokens, hints included; the `;` that ends a statement is none of them. */
  token?(token: Token): void;
}

/** How to read a text and what to call it in errors. */
export interface ReadOptions {
  /** `@@sql_mode` of the session that will run it. @default backslash escapes, `"` quotes strings */
  readonly mode?: SqlMode | undefined;
  /** Where the text comes from; line and statement are filled in. */
  readonly place?: ErrorPlace | undefined;
}

/**
 * Reads a SQL text once, and tells a reader of its statements, line comments in code position and code tokens.
 * Memory does not grow with the text.
 *
 * A statement ends at a `;` outside parentheses, routine bodies and MySQL's `/*! ... *` `/`, at a marker in code or in
 * a line comment, and at the end of the text. Statements without code are dropped.
 *
 * @throws {MigratorError} `UNTERMINATED` for a literal, quoted name or comment that never closes;
 * `STATEMENT_REFUSED` for client commands, which no server understands: `DELIMITER`, `COPY ... FROM STDIN`, psql's backslash
 */
export function readSql(
  text: string,
  dialect: Dialect,
  reader: SqlReader,
  options: ReadOptions = {},
): void {
  const reading = new Reading(text, dialect, reader, options);
  const tokens = new Tokenizer(text, dialect, options.mode);
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) reading.feed(token);
  reading.end(text.length, 'eof');
}

/** Where a text has been read to. */
class Reading {
  private readonly body: RoutineBody;
  private index = 0;
  private from: number;
  private first: Token | null = null;
  private parentheses = 0;
  private brackets = 0;
  private head = new Head();
  private copy: CopyFromStdin;

  constructor(
    private readonly text: string,
    private readonly dialect: Dialect,
    private readonly reader: SqlReader,
    private readonly options: ReadOptions,
  ) {
    this.body = new RoutineBody(dialect);
    this.copy = new CopyFromStdin(dialect);
    this.from = text.startsWith('\uFEFF') ? 1 : 0;
  }

  feed(token: Token): void {
    switch (token.kind) {
      case 'space':
      case 'block comment':
        return;
      case 'line comment':
        this.comment(token);
        return;
      case 'marker':
        this.end(token.start, 'marker');
        this.from = token.start + token.text.length;
        return;
      case 'unterminated':
        throw unterminated(token, this.place(token));
      case 'meta':
        throw clientCommand('A psql meta-command', this.place(token), 'Delete that line');
      case 'hint':
        // A hint stands behind a verb; before one it is a comment.
        if (this.first !== null) this.reader.token?.(token);
        return;
      case 'word':
      case 'name':
      case 'string':
      case 'number':
      case 'param':
      case 'variable':
      case 'operator':
      case 'punctuation':
      case 'code bracket':
      case 'other':
        this.code(token);
    }
  }

  /** Closes a statement and begins the next one. */
  end(to: number, endedBy: Statement['endedBy']): void {
    if (this.first !== null) {
      this.reader.statement?.({
        index: this.index,
        sql: trim(this.text, this.from, to),
        line: this.first.line,
        offset: this.first.start,
        endedBy,
        head: this.head.text,
      });
      this.index += 1;
    }
    this.first = null;
    this.parentheses = 0;
    this.brackets = 0;
    this.head = new Head();
    this.copy = new CopyFromStdin(this.dialect);
    this.body.reset();
  }

  private code(token: Token): void {
    const { text } = token;
    if (this.first === null && this.dialect === 'mysql' && /^delimiter$/i.test(text)) {
      throw clientCommand(
        'DELIMITER',
        this.place(token),
        'Delete it and end each statement with ; or a --> statement-breakpoint line; a BEGIN ... END body needs neither',
      );
    }
    this.body.feed(token);
    if (text === ';' && this.parentheses === 0 && this.brackets === 0 && !this.body.open) {
      this.end(token.start, ';');
      this.from = token.start + 1;
      return;
    }
    this.first ??= token;
    if (text === '(') this.parentheses += 1;
    else if (text === ')') this.parentheses = Math.max(0, this.parentheses - 1);
    else if (token.kind === 'code bracket') {
      this.brackets = Math.max(0, this.brackets + (text === '*/' ? -1 : 1));
    }
    this.head.feed(token);
    if (this.parentheses === 0 && this.copy.feed(token)) {
      throw clientCommand(
        'COPY ... FROM STDIN',
        this.place(token),
        'Write the rows as INSERT statements',
      );
    }
    this.reader.token?.(token);
  }

  private comment(token: Token): void {
    // The text of a routine is the routine's: `-- @param` documents it there as it does inside a dollar quote.
    if (!token.text.startsWith('--') || this.body.open) return;
    this.reader.comment?.({
      text: token.text.slice(2),
      line: token.line,
      offset: token.start,
      statement: this.first === null ? this.index : this.index + 1,
    });
  }

  private place(token: Token): ErrorPlace {
    return { ...this.options.place, statement: this.index + 1, line: token.line };
  }
}

/** Recognises `COPY ... FROM STDIN`, whose rows stand in the file where the server expects SQL. */
class CopyFromStdin {
  private at: 'start' | 'copy' | 'from' | 'no' = 'start';

  constructor(private readonly dialect: Dialect) {}

  feed(token: Token): boolean {
    if (this.at === 'no' || token.kind === 'code bracket') return false;
    const word = token.kind === 'word' ? token.text.toUpperCase() : '';
    switch (this.at) {
      case 'start':
        this.at = word === 'COPY' && this.dialect === 'postgresql' ? 'copy' : 'no';
        return false;
      case 'copy':
        if (word === 'FROM') this.at = 'from';
        return false;
      case 'from':
        this.at = 'no';
        return word === 'STDIN';
    }
  }
}

/** Servers' white space only: JavaScript's `trim` also takes characters that Postgres reads as names. */
function trim(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Text is read before anything is sent. */
const NOTHING_RAN = 'Nothing was executed.';

function unterminated(token: Token, place: ErrorPlace): MigratorError {
  return new MigratorError('UNTERMINATED', {
    message: `${openedBy(token.text)} that begins on line ${token.line} is never closed.`,
    remedy: 'Close it, then run: nest-migrate verify',
    place,
    state: NOTHING_RAN,
  });
}

/** Names what was opened; the tag of a dollar quote is left out, since it could hold anything. */
function openedBy(text: string): string {
  if (text.startsWith('/*')) return 'A comment';
  if (text.startsWith('$')) return 'A dollar-quoted string';
  if (text.startsWith('`')) return 'A quoted name';
  if (/^(?:u&)?"/i.test(text)) return 'A text in double quotes';
  return 'A string';
}

function clientCommand(what: string, place: ErrorPlace, remedy: string): MigratorError {
  return new MigratorError('STATEMENT_REFUSED', {
    message: `${what} on line ${place.line} is a command for a client program, which the database server does not understand.`,
    remedy: `${remedy}, then run: nest-migrate verify`,
    place,
    state: NOTHING_RAN,
  });
}
