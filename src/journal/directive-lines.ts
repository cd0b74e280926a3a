import { MigratorError, type ErrorPlace } from '../errors.js';
import type { LineComment } from '../statements/read-sql.js';
import type { Directives } from './journal.js';
import { nearest } from '../nearest.js';

/** One `-- @name arguments` line, known by name and not yet read. */
export interface DirectiveLine {
  readonly name: DirectiveName;
  /** What follows the name, trimmed. */
  readonly args: string;
  /** 1-based. */
  readonly line: number;
  /** Index of the statement that begins below it; the number of statements if none does. */
  readonly statement: number;
}

/** How each directive is written. The keys are all there are (DESIGN 4). */
const DIRECTIVE_FORMS = {
  operation: '-- @operation <name> expand|backfill|verify|contract (in a down file: undo)',
  online: '-- @online',
  run: '-- @run <name>',
  impact: '-- @impact expand|contract|breaking',
  requires: '-- @requires <tag>',
  transaction: '-- @transaction off',
  'lock-timeout': '-- @lock-timeout 2s',
  'statement-timeout': '-- @statement-timeout 10min',
  allow: '-- @allow <rule>: <reason>',
  irreversible: '-- @irreversible <reason>',
} as const satisfies Record<string, string>;

/** Name of a directive. */
export type DirectiveName = keyof typeof DIRECTIVE_FORMS;

/** Directives of which a file may have several. */
const REPEATABLE: ReadonlySet<DirectiveName> = new Set(['operation', 'online', 'run', 'allow']);

const NAMES = Object.keys(DIRECTIVE_FORMS) as readonly DirectiveName[];

/**
 * A comment in code position as a directive; null when it is prose, that is, when its first character after the dashes and white space is no `@`.
 *
 * @throws {MigratorError} `UNKNOWN_DIRECTIVE`
 */
export function directiveLine(comment: LineComment, place: ErrorPlace): DirectiveLine | null {
  const text = comment.text.trim();
  if (!text.startsWith('@')) return null;
  const [, name = '', args = ''] = /^@\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  const known = NAMES.find((candidate) => text.startsWith(`@${candidate}`) && candidate === name);
  if (known !== undefined)
    return { name: known, args, line: comment.line, statement: comment.statement };
  const meant = nearest(name.replaceAll('_', '-'), NAMES);
  throw new MigratorError('UNKNOWN_DIRECTIVE', {
    message: `There is no directive ${shown(name)}${meant === null ? '' : `: did you mean @${meant}?`} Known are ${NAMES.map((each) => `@${each}`).join(', ')}.`,
    remedy: `Correct the line. A comment that is no directive must not begin with @: write "-- see ${shown(name)}" instead.`,
    place: { ...place, line: comment.line },
    state: 'Nothing was executed.',
    details: { directive: shown(name), known: NAMES, ...(meant !== null && { meant }) },
  });
}

/** Refuses a second line where one value is meant. */
export function refuseRepeated(lines: readonly DirectiveLine[], place: ErrorPlace): void {
  const first = new Map<DirectiveName, number>();
  for (const { name, line } of lines) {
    const earlier = first.get(name);
    if (earlier !== undefined && !REPEATABLE.has(name))
      throw invalidDirective(
        { name, line },
        place,
        `stands in the file twice, on lines ${earlier} and ${line}`,
      );
    first.set(name, earlier ?? line);
  }
}

/** A known directive whose arguments are not what it takes. */
export function invalidDirective(
  { name, line }: Pick<DirectiveLine, 'name' | 'line'>,
  place: ErrorPlace,
  what: string,
): MigratorError {
  return new MigratorError('INVALID_DIRECTIVE', {
    message: `The directive @${name} ${what}.`,
    remedy: `Write it as: ${DIRECTIVE_FORMS[name]}`,
    place: { ...place, line },
    state: 'Nothing was executed.',
    details: { directive: name },
  });
}

/** No directive at all. */
export const NO_DIRECTIVES: Directives = {
  operations: [],
  online: [],
  undone: [],
  run: [],
  impact: null,
  requires: null,
  transaction: null,
  lockTimeoutMs: null,
  statementTimeoutMs: null,
  allow: [],
  irreversible: null,
};

/** A comment may hold anything: only what can be a name is repeated in a message. */
function shown(name: string): string {
  return /^[\w.-]{1,40}$/.test(name) ? `@${name}` : '@...';
}
