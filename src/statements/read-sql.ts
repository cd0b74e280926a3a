import { MigratorError, type ErrorPlace } from '../errors.js';
import { head, Head } from './head.js';
import { RoutineBody } from './routine.js';
import type { Dialect, SqlMode, Statement } from './statement.js';
import { isCode, tokenize, type Token } from './tokenize.js';

/** A `-- ...` comment in code position: not in a literal, a quoted name or a block comment. */
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

/** What {@link readSql} tells of a text, in the order in which it stands there. */
export type SqlPart =
  | { readonly type: 'statement'; readonly statement: Statement; readonly tokens: number }
  | { readonly type: 'comment'; readonly comment: LineComment }
  | { readonly type: 'token'; readonly token: Token };

/** How to read a text and what to call it in errors. */
export interface ReadOptions {
  /** `@@sql_mode` of the session that will run it. @default backslash escapes, `"` quotes strings */
  readonly mode?: SqlMode | undefined;
  /** Where the text comes from; line and statement are filled in. */
  readonly place?: ErrorPlace | undefined;
}

/**
 * Reads a SQL text once, lazily: its statements, line comments in code position, and code tokens (hints included,
 * the `;` that ends a statement not). A statement comes after its tokens. Memory does not grow with the text.
 *
 * A statement ends at a `;` outside parentheses, routine bodies and MySQL's `/*! ... *` `/`, at a marker in code or in
 * a line comment, and at the end of the text. Statements without code are dropped.
 *
 * @throws {MigratorError} `UNTERMINATED` for a literal, quoted name or comment that never closes;
 * `STATEMENT_REFUSED` for client commands, which no server understands: `DELIMITER`, `COPY ... FROM STDIN`, psql's backslash
 */
export function* readSql(
  text: string,
  dialect: Dialect,
  options: ReadOptions = {},
): Generator<SqlPart, void> {
  const body = new RoutineBody(dialect);
  let index = 0;
  let from = text.startsWith('\uFEFF') ? 1 : 0;
  let first: Token | null = null;
  let tokens = 0;
  let parentheses = 0;
  let brackets = 0;
  let words = new Head();
  let copy = new CopyFromStdin(dialect);

  const statement = (to: number, endedBy: Statement['endedBy']): SqlPart | null => {
    if (first === null) return null;
    return {
      type: 'statement',
      tokens,
      statement: {
        index: index++,
        sql: trim(text, from, to),
        line: first.line,
        offset: first.start,
        endedBy,
        head: head(words),
      },
    };
  };
  const next = (at: number): void => {
    from = at;
    first = null;
    tokens = 0;
    parentheses = 0;
    brackets = 0;
    words = new Head();
    copy = new CopyFromStdin(dialect);
    body.reset();
  };
  const place = (line: number): ErrorPlace => ({
    ...options.place,
    statement: index + 1,
    line,
  });

  for (const token of tokenize(text, dialect, options.mode)) {
    switch (token.kind) {
      case 'space':
      case 'block comment':
        break;
      case 'line comment':
        if (token.text.startsWith('--')) {
          yield {
            type: 'comment',
            comment: {
              text: token.text.slice(2),
              line: token.line,
              offset: token.start,
              statement: first === null ? index : index + 1,
            },
          };
        }
        break;
      case 'marker': {
        const part = statement(token.start, 'marker');
        if (part !== null) yield part;
        next(token.start + token.text.length);
        break;
      }
      case 'unterminated':
        throw unterminated(token, place(token.line));
      case 'meta':
        throw clientCommand('A psql meta-command', place(token.line), 'Delete that line');
      case 'hint':
      case 'word':
      case 'name':
      case 'string':
      case 'number':
      case 'param':
      case 'variable':
      case 'operator':
      case 'punctuation':
      case 'code bracket':
      case 'other': {
        if (first === null && dialect === 'mysql' && /^delimiter$/i.test(token.text)) {
          throw clientCommand(
            'DELIMITER',
            place(token.line),
            'Delete it and end each statement with ; or a --> statement-breakpoint line; a BEGIN ... END body needs neither',
          );
        }
        if (token.kind === 'hint') {
          // A hint stands behind a verb; before one it is a comment.
          if (first !== null) yield { type: 'token', token };
          break;
        }
        body.feed(token);
        if (token.text === ';' && parentheses === 0 && brackets === 0 && !body.open) {
          const part = statement(token.start, ';');
          if (part !== null) yield part;
          next(token.start + 1);
          break;
        }
        first ??= token;
        tokens += 1;
        if (token.text === '(') parentheses += 1;
        else if (token.text === ')') parentheses = Math.max(0, parentheses - 1);
        else if (token.kind === 'code bracket') {
          brackets = Math.max(0, brackets + (token.text === '*/' ? -1 : 1));
        }
        words.feed(token);
        if (parentheses === 0 && copy.feed(token)) {
          throw clientCommand(
            'COPY ... FROM STDIN',
            place(token.line),
            'Write the rows as INSERT statements',
          );
        }
        yield { type: 'token', token };
        break;
      }
    }
  }
  const part = statement(text.length, 'eof');
  if (part !== null) yield part;
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

function unterminated(token: Token, place: ErrorPlace): MigratorError {
  return new MigratorError('UNTERMINATED', {
    message: `${openedBy(token.text)} that begins on line ${token.line} is never closed. Nothing was run.`,
    remedy: 'Close it, then run: nest-migrate verify',
    place,
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
    message: `${what} on line ${place.line} is a command for a client program, which the database server does not understand. Nothing was run.`,
    remedy: `${remedy}, then run: nest-migrate verify`,
    place,
  });
}

/** Whether a text has any statement at all. */
export function isEmptySql(text: string, dialect: Dialect, mode?: SqlMode): boolean {
  for (const token of tokenize(text, dialect, mode)) {
    if (isCode(token) && token.text !== ';') return false;
  }
  return true;
}
