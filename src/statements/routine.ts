import type { Dialect } from './statement.js';
import type { Token } from './tokenize.js';

/** Words that may stand between CREATE and the kind of routine. */
const BEFORE_KIND = new Set(['OR', 'REPLACE', 'AGGREGATE']);
const COMPOUND_ENDS = new Set(['IF', 'LOOP', 'WHILE', 'REPEAT', 'FOR']);
const OPENERS = new Set(['IF', 'CASE', 'LOOP', 'WHILE', 'REPEAT', 'FOR']);
/** What stands before the body of a MySQL routine that has no BEGIN: `FOR EACH ROW IF ...`. */
const BEFORE_BODY = new Set([
  'ROW',
  'DO',
  ')',
  'DETERMINISTIC',
  'DATA',
  'SQL',
  'INVOKER',
  'DEFINER',
]);
/** What stands before a statement inside such a body. */
const BEFORE_STATEMENT = new Set([';', ':', 'THEN', 'ELSE', 'DO', 'LOOP', 'REPEAT', 'BEGIN']);

/**
 * Whether a `;` stands inside the body of a routine. Fed with the code tokens of one statement after the other.
 *
 * - A body exists only after a CREATE head (`CREATE [OR REPLACE] FUNCTION | PROCEDURE`; on MySQL also TRIGGER, EVENT,
 *   `DEFINER =`, `ALTER EVENT` and MariaDB's `BEGIN NOT ATOMIC`). Elsewhere BEGIN and END are transaction control.
 * - `BEGIN` (Postgres: `BEGIN ATOMIC`) goes one deeper; so does `CASE` in a body, unless it belongs to `END CASE`.
 * - `END` comes back up, except MySQL's `END IF | LOOP | WHILE | REPEAT | FOR`, whose openers are not counted.
 * - A MySQL body that is a single IF, CASE, LOOP, WHILE or REPEAT counts those openers instead.
 */
export class RoutineBody {
  private state: 'start' | 'create' | 'alter' | 'begin' | 'begin not' | 'head' | 'none' = 'start';
  private depth = 0;
  /** Depth of a body without BEGIN. */
  private blocks = 0;
  private previous = '';
  private skipDefiner = false;
  /** An END that waits for its next word: only that word says what it ends. */
  private ending = false;

  constructor(private readonly dialect: Dialect) {}

  /** Whether the next token stands inside a body. */
  get open(): boolean {
    return this.depth > 0 || this.blocks > 0;
  }

  /** Begins the next statement. */
  reset(): void {
    this.state = 'start';
    this.depth = 0;
    this.blocks = 0;
    this.previous = '';
    this.skipDefiner = false;
    this.ending = false;
  }

  /** Takes one code token, the closing `;` of a statement included: look at {@link open} afterwards. */
  feed(token: Token): void {
    if (this.state === 'none') return;
    const word = token.kind === 'word' ? token.text.toUpperCase() : token.text;
    if (this.state !== 'head') this.feedHead(token, word);
    else this.feedBody(token, word);
    this.previous = token.kind === 'word' || token.kind === 'punctuation' ? word : '';
  }

  private feedHead(token: Token, word: string): void {
    if (token.kind === 'code bracket') return;
    switch (this.state) {
      case 'start':
        if (word === 'CREATE') this.state = 'create';
        else if (this.dialect === 'mysql' && word === 'ALTER') this.state = 'alter';
        else if (this.dialect === 'mysql' && word === 'BEGIN') this.state = 'begin';
        else this.state = 'none';
        return;
      case 'create':
        this.feedCreate(token, word);
        return;
      case 'alter':
        if (word === 'EVENT') this.state = 'head';
        else if (word !== 'DEFINER' && !this.skipDefiner) this.state = 'none';
        else this.skipDefiner = true;
        return;
      case 'begin':
        this.state = word === 'NOT' ? 'begin not' : 'none';
        return;
      case 'begin not':
        if (word === 'ATOMIC') {
          this.state = 'head';
          this.depth = 1;
        } else this.state = 'none';
        return;
      case 'head':
      case 'none':
        return;
    }
  }

  private feedCreate(token: Token, word: string): void {
    if (word === 'FUNCTION' || word === 'PROCEDURE') this.state = 'head';
    else if (this.dialect === 'postgresql') {
      if (!BEFORE_KIND.has(word)) this.state = 'none';
    } else if (word === 'TRIGGER' || word === 'EVENT') this.state = 'head';
    else if (word === 'DEFINER') this.skipDefiner = true;
    else if (!BEFORE_KIND.has(word)) {
      // DEFINER = user@host, in any quoting: every other word ends the search.
      const known = token.kind === 'word' && NOT_ROUTINES.has(word);
      if (!this.skipDefiner || known) this.state = 'none';
    }
  }

  private feedBody(token: Token, word: string): void {
    const isWord = token.kind === 'word' && this.previous !== '.';
    if (this.ending) {
      this.ending = false;
      if (this.dialect === 'mysql' && isWord && COMPOUND_ENDS.has(word)) {
        if (this.blocks > 0) this.blocks -= 1;
        return;
      }
      if (this.blocks > 0) this.blocks -= 1;
      else if (this.depth > 0) this.depth -= 1;
      if (isWord && word === 'CASE') return;
    }
    if (!isWord) return;
    if (word === 'END') {
      this.ending = true;
    } else if (this.blocks > 0) {
      if (word === 'CASE' || word === 'BEGIN') this.blocks += 1;
      else if (OPENERS.has(word) && BEFORE_STATEMENT.has(this.previous)) this.blocks += 1;
    } else if (this.depth > 0) {
      if (word === 'CASE') this.depth += 1;
      else if (word === 'BEGIN' && this.dialect === 'mysql' && this.previous !== ',')
        this.depth += 1;
    } else if (this.dialect === 'postgresql') {
      if (word === 'ATOMIC' && this.previous === 'BEGIN') this.depth = 1;
    } else if (word === 'BEGIN') {
      this.depth = 1;
    } else if (OPENERS.has(word) && BEFORE_BODY.has(this.previous)) {
      this.blocks = 1;
    }
  }
}

const NOT_ROUTINES = new Set([
  'VIEW',
  'SQL',
  'TABLE',
  'INDEX',
  'DATABASE',
  'SCHEMA',
  'USER',
  'ROLE',
]);
