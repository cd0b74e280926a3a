import type { MysqlIndex } from '../table-facts.js';

/** One clause of a column's definition as SHOW CREATE TABLE prints it. */
interface Clause {
  readonly kind: ClauseKind;
  /** With its keyword; whole, without the space in front. */
  readonly text: string;
}

type ClauseKind =
  | 'type'
  | 'character set'
  | 'collate'
  | 'generated'
  | 'not null'
  | 'null'
  | 'default'
  | 'on update'
  | 'auto_increment'
  | 'comment'
  | 'check'
  | 'other';

/** Quoted text, names, executable comments, or what is one word to us: anything but white space and brackets. */
const TOKEN = /'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|"(?:[^"]|"")*"|\/\*.*?\*\/|[()]|[^\s()'"`]+/gsu;

/** What begins a clause, longest first; words as both servers print them. */
const KEYWORDS: ReadonlyArray<readonly [words: readonly string[], kind: ClauseKind]> = [
  [['CHARACTER', 'SET'], 'character set'],
  [['CHARSET'], 'character set'],
  [['COLLATE'], 'collate'],
  [['GENERATED', 'ALWAYS', 'AS'], 'generated'],
  [['NOT', 'NULL'], 'not null'],
  [['NULL'], 'null'],
  [['DEFAULT'], 'default'],
  [['ON', 'UPDATE'], 'on update'],
  [['AUTO_INCREMENT'], 'auto_increment'],
  [['COMMENT'], 'comment'],
  [['CHECK'], 'check'],
  [['INVISIBLE'], 'other'],
  [['COLUMN_FORMAT'], 'other'],
  [['STORAGE'], 'other'],
  [['WITHOUT', 'SYSTEM', 'VERSIONING'], 'other'],
];

/**
 * The definition of a column, taken apart so that one clause can be changed and the rest be repeated as it is: a MODIFY that leaves out
 * character set, comment, default or ON UPDATE loses them. Both servers print definitions in a form that they read back.
 */
export class ColumnDefinition {
  readonly #clauses: readonly Clause[];

  private constructor(clauses: readonly Clause[]) {
    this.#clauses = clauses;
  }

  /** @param text everything behind the column's name in SHOW CREATE TABLE */
  static parse(text: string): ColumnDefinition {
    const clauses: Clause[] = [];
    let depth = 0;
    let start = 0;
    let kind: ClauseKind = 'type';
    const tokens = [...text.matchAll(TOKEN)];
    const end = (at: number): void => {
      const clause = text.slice(start, at).trim();
      if (clause !== '') clauses.push({ kind, text: clause });
      start = at;
    };
    for (let n = 0; n < tokens.length; n += 1) {
      const token = tokens[n];
      if (token === undefined) break;
      if (token[0] === '(') depth += 1;
      if (token[0] === ')') depth -= 1;
      if (depth > 0 || token[0] === ')') continue;
      const found = clauseAt(tokens, n);
      if (found === null) continue;
      end(token.index);
      kind = found.kind;
      n += found.words - 1;
      // NULL behind DEFAULT is its value.
      if (kind === 'default') n += 1;
      if (tokens[n]?.[0] === '(') depth += 1;
    }
    end(text.length);
    return new ColumnDefinition(clauses);
  }

  /** As DDL writes it: `varchar(20)`, `bigint unsigned`. */
  get type(): string {
    return this.#text('type') ?? '';
  }

  get nullable(): boolean {
    return this.#text('not null') === null;
  }

  /** As DDL writes it; null = none, or NULL. */
  get default(): string | null {
    const value = this.#text('default')?.slice('DEFAULT'.length).trim() ?? null;
    return value?.toUpperCase() === 'NULL' ? null : value;
  }

  /** The clause behind ON UPDATE. */
  get onUpdate(): string | null {
    return this.#text('on update')?.slice('ON UPDATE'.length).trim() ?? null;
  }

  get characterSet(): string | null {
    return this.#text('character set')?.replace(/^CHAR(?:ACTER SET|SET)\s*=?\s*/i, '') ?? null;
  }

  get collation(): string | null {
    return this.#text('collate')?.slice('COLLATE'.length).trim() ?? null;
  }

  /** The same with the nullability and default of another: what a file says of a column, on top of what the catalogue says. */
  withRulesOf(other: ColumnDefinition): ColumnDefinition {
    const rules: readonly ClauseKind[] = ['not null', 'null', 'default'];
    const own = this.#clauses.filter(({ kind }) => !rules.includes(kind));
    const at = own.findIndex(({ kind }) => ['on update', 'comment', 'check'].includes(kind));
    const first = at === -1 ? own.length : at;
    const theirs = other.#clauses.filter(({ kind }) => rules.includes(kind));
    return new ColumnDefinition([...own.slice(0, first), ...theirs, ...own.slice(first)]);
  }

  /** The same with NOT NULL, wherever this server puts it. */
  notNull(): string {
    if (!this.nullable) return this.toString();
    return this.#with({ kind: 'not null', text: 'NOT NULL' });
  }

  /** The same in another type: what says how the old type's text is written goes. */
  withType(type: string): ColumnDefinition {
    const gone: readonly ClauseKind[] = ['type', 'character set', 'collate', 'check', 'null'];
    const kept = this.#clauses.filter(({ kind }) => !gone.includes(kind));
    return new ColumnDefinition([{ kind: 'type', text: type }, ...kept]);
  }

  /** The same with only the length of its type changed. */
  withLength(type: string): ColumnDefinition {
    return new ColumnDefinition(
      this.#clauses.map((clause) =>
        clause.kind === 'type' ? { kind: 'type', text: type } : clause,
      ),
    );
  }

  /** What a second column needs to take the same values: type, character set and collation; nullable and without a default. */
  bare(): string {
    const kept: readonly ClauseKind[] = ['type', 'character set', 'collate'];
    const clauses = this.#clauses.filter(({ kind }) => kept.includes(kind));
    // A timestamp is NOT NULL by itself where explicit_defaults_for_timestamp is off.
    return [...clauses.map(({ text }) => text), 'NULL'].join(' ');
  }

  toString(): string {
    return this.#clauses.map(({ text }) => text).join(' ');
  }

  #with(clause: Clause): string {
    const behind: readonly ClauseKind[] = [
      'default',
      'on update',
      'auto_increment',
      'comment',
      'check',
    ];
    const kept = this.#clauses.filter(
      ({ kind, text }) =>
        kind !== 'null' && !(kind === 'default' && /^DEFAULT\s+NULL$/i.test(text)),
    );
    const first = kept.findIndex(({ kind }) => behind.includes(kind));
    const at = first === -1 ? kept.length : first;
    return [...kept.slice(0, at), clause, ...kept.slice(at)].map(({ text }) => text).join(' ');
  }

  #text(kind: ClauseKind): string | null {
    return this.#clauses.find((clause) => clause.kind === kind)?.text ?? null;
  }
}

function clauseAt(
  tokens: readonly RegExpMatchArray[],
  at: number,
): { readonly kind: ClauseKind; readonly words: number } | null {
  if (at > 0 && tokens[at]?.[0].startsWith('/*') === true) return { kind: 'other', words: 1 };
  for (const [words, kind] of KEYWORDS) {
    if (words.every((word, n) => tokens[at + n]?.[0].toUpperCase() === word)) {
      return { kind, words: words.length };
    }
  }
  return null;
}

/** Definitions by column name, from SHOW CREATE TABLE: each column is a line of its own, as line breaks in literals are written `\n`. */
export function columnDefinitions(createTable: string): ReadonlyMap<string, string> {
  const definitions = new Map<string, string>();
  for (const line of createTable.split('\n')) {
    const found = /^ {2}(?:`((?:[^`]|``)*)`|"((?:[^"]|"")*)") (.*?),?$/su.exec(line);
    if (found === null) continue;
    const [, ticked, quoted, definition = ''] = found;
    const name = ticked?.replaceAll('``', '`') ?? quoted?.replaceAll('""', '"') ?? '';
    definitions.set(name, definition);
  }
  return definitions;
}

/** Indexes but the primary key, from SHOW CREATE TABLE. */
export function indexDefinitions(createTable: string): MysqlIndex[] {
  return createTable.split('\n').flatMap((line) => {
    const found = /^ {2}((?:[A-Z]+ )?KEY) (?:`((?:[^`]|``)*)`|"((?:[^"]|"")*)") (.*?),?$/su.exec(
      line,
    );
    if (found === null) return [];
    const [, kind = '', ticked, quoted, definition = ''] = found;
    const name = ticked?.replaceAll('``', '`') ?? quoted?.replaceAll('""', '"') ?? '';
    return [{ kind, name, definition }];
  });
}
