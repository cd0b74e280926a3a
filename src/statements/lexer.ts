import moo from 'moo';
import type { Dialect, SqlMode } from './statement.js';

/** Drizzle Kit's separator, exactly as it writes it. */
export const MARKER = '--> statement-breakpoint';

/** Names of the rules below; a token of kind `...Open` leads into a state that `tokenize` runs through to its `close`. */
export type RuleName =
  | 'marker'
  | 'lineComment'
  | 'blockOpen'
  | 'hintOpen'
  | 'codeOpen'
  | 'codeClose'
  | 'space'
  | 'stringOpen'
  | 'nameOpen'
  | 'dollar'
  | 'param'
  | 'variable'
  | 'number'
  | 'word'
  | 'operator'
  | 'punctuation'
  | 'meta'
  | 'nest'
  | 'close'
  | 'inside';

/** The part of moo's lexer that its typings leave out; a clone shares the compiled rules and none of the position. */
type Lexer = moo.Lexer & { clone(): Lexer };

// Content rules match one simple character class, never `(a|b)*`: the regexp engine keeps a backtrack entry for each turn of such a group
// and overflows on a literal of some megabytes. And `aa*`, not `a+`: in a process with much code V8 compiles without optimization, where
// only the first needs no entries.
const inside = (match: RegExp): moo.Rule => ({ match, lineBreaks: true });
const close = (match: string): moo.Rule => ({ match, pop: 1 });

const SPACE: moo.Rule = { match: /[ \t\n\r\f\v][ \t\n\r\f\v]*/, lineBreaks: true };
const ANYTHING: moo.Rule = { match: /[^]/, lineBreaks: true };

/** Quoted text whose quote is doubled to stand for itself and that knows no escapes. */
function doubled(quote: `'` | '"' | '`'): moo.Rules {
  return {
    inside: [inside(new RegExp(`[^${quote}][^${quote}]*`)), { match: quote + quote }],
    close: close(quote),
  };
}

/** Quoted text in which a backslash takes the next character out of play. */
function escaped(quote: `'` | '"', continued?: RegExp): moo.Rules {
  return {
    inside: [
      inside(new RegExp(`[^${quote}\\\\][^${quote}\\\\]*`)),
      inside(/\\[^]/),
      { match: quote + quote },
      ...(continued === undefined ? [] : [inside(continued)]),
      { match: '\\' },
    ],
    close: close(quote),
  };
}

/** Source: PostgreSQL manual, 4.1 Lexical Structure, and src/backend/parser/scan.l. */
function postgres(): Lexer {
  return moo.states(
    {
      main: {
        space: SPACE,
        marker: MARKER,
        lineComment: /--[^\n\r]*/,
        blockOpen: { match: '/*', push: 'comment' },
        stringOpen: [
          { match: /[eE]'/, push: 'escaped' },
          { match: /(?:[bBxXnN]|[uU]&)?'/, push: 'plain' },
        ],
        nameOpen: { match: /(?:[uU]&)?"/, push: 'name' },
        word: /[A-Za-z_\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*/,
        punctuation: ['(', ')', '[', ']', ',', ';', '.', '::', ':=', ':'],
        number: /[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9]+)?[A-Za-z0-9_]*/,
        dollar: /\$(?:[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*)?\$/,
        param: /\$[0-9]+/,
        operator: /(?:(?!--|\/\*)[-+*/<>=~!@#%^&|`?]){1,63}/,
        meta: /\\[^\n\r]*/,
        inside: ANYTHING,
      },
      plain: doubled(`'`),
      // A string constant goes on after white space with a newline, and stays an escape string (scan.l, quotecontinue).
      escaped: escaped(`'`, /'[ \t\f\v\r]*\n[ \t\n\r\f\v]*'/),
      name: doubled('"'),
      comment: {
        nest: { match: '/*', push: 'comment' },
        close: close('*/'),
        inside: [inside(/[^/*][^/*]*/), { match: ['/', '*'] }],
      },
    },
    'main',
  ) as Lexer;
}

/** Source: MySQL manual, 11 Language Structure; MariaDB knowledge base, Comment Syntax. */
function mysql(mode: SqlMode): Lexer {
  const quoted = mode.noBackslashEscapes === true ? doubled : escaped;
  const ansi = mode.ansiQuotes === true;
  return moo.states(
    {
      main: {
        space: SPACE,
        // Before the comment rule, because `-->` is no comment here.
        marker: MARKER,
        // Two dashes need white space, a control character or the end behind them: anything but what prints.
        lineComment: /--(?![!-~\x80-\uffff])[^\n]*|#[^\n]*/,
        codeOpen: /\/\*M?![0-9]{0,6}/,
        hintOpen: { match: '/*+', push: 'comment' },
        blockOpen: { match: '/*', push: 'comment' },
        codeClose: '*/',
        stringOpen: [
          { match: /[bBxXnN]?'/, push: 'single' },
          ...(ansi ? [] : [{ match: '"', push: 'double' }]),
        ],
        nameOpen: [
          { match: '`', push: 'backtick' },
          ...(ansi ? [{ match: '"', push: 'name' }] : []),
        ],
        number: /[0-9][0-9]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_$\x80-\uffff])/,
        word: /[A-Za-z0-9_$\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*/,
        punctuation: ['(', ')', '[', ']', '{', '}', ',', ';', '.', ':=', ':'],
        variable: /@@?[A-Za-z0-9_$.\x80-\uffff]*/,
        operator:
          /(?:(?!--(?![!-~\x80-\uffff])|--> statement-breakpoint|\/\*|\*\/)[-+*/<>=~!%^&|?]){1,63}/,
        inside: ANYTHING,
      },
      single: quoted(`'`),
      double: quoted('"'),
      name: doubled('"'),
      backtick: doubled('`'),
      comment: {
        close: close('*/'),
        inside: [inside(/[^*][^*]*/), { match: '*' }],
      },
    },
    'main',
  ) as Lexer;
}

/** Rules are compiled when a text of their kind is first met: no process meets more than two of the five. */
function once(compile: () => Lexer): () => Lexer {
  let compiled: Lexer | null = null;
  return () => (compiled ??= compile());
}

const POSTGRES = once(postgres);
const MYSQL = {
  plain: once(() => mysql({})),
  ansi: once(() => mysql({ ansiQuotes: true })),
  noBackslash: once(() => mysql({ noBackslashEscapes: true })),
  both: once(() => mysql({ ansiQuotes: true, noBackslashEscapes: true })),
} as const;

/** A lexer of one's own, at the start of nothing: give it text with `reset`. The compiled rules are shared. */
export function lexerFor(dialect: Dialect, mode: SqlMode = {}): moo.Lexer {
  if (dialect === 'postgresql') return POSTGRES().clone();
  if (mode.ansiQuotes === true) {
    return (mode.noBackslashEscapes === true ? MYSQL.both : MYSQL.ansi)().clone();
  }
  return (mode.noBackslashEscapes === true ? MYSQL.noBackslash : MYSQL.plain)().clone();
}
