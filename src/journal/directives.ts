import { MigratorError, type ErrorPlace } from '../errors.js';
import type { Impact } from '../statements/statement.js';
import {
  invalidDirective,
  NO_DIRECTIVES,
  refuseRepeated,
  type DirectiveLine,
  type DirectiveName,
} from './directive-lines.js';
import { durationMs } from './duration.js';
import type { Directives } from './journal.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Phase = Directives['operations'][number]['phase'];

const PHASES: readonly Phase[] = ['expand', 'backfill', 'verify', 'contract'];
const IMPACTS: readonly Impact[] = ['expand', 'contract', 'breaking'];

/** Names of operations and code migrations as they may stand in a line. */
const NAME = /^[\w./-]+$/;

/** What names in directives may refer to. */
export interface DirectiveNames {
  /** Registered code migrations; null = not checked. */
  readonly codeMigrations: ReadonlySet<string> | null;
  /** Registered operations; null = not checked. */
  readonly operations: ReadonlySet<string> | null;
  /** On an empty database an operation's covered statements simply run, so its name need not be known any more. */
  readonly databaseEmpty: boolean;
  /** Tags of the journal, for `@requires`; null = not checked. */
  readonly tags: ReadonlySet<string> | null;
  /** Whether the file is a down file, which takes other directives. */
  readonly down: boolean;
}

/** What a down file may say: how it runs, and what is undone already. */
const IN_DOWN_FILES: ReadonlySet<DirectiveName> = new Set([
  'operation',
  'run',
  'transaction',
  'lock-timeout',
  'statement-timeout',
  'allow',
]);

/** What a file says, and why it cannot be carried out here. */
export interface ReadDirectives {
  readonly directives: Directives;
  /** `UNKNOWN_OPERATION`, `UNKNOWN_CODE_MIGRATION`: the file is sound, and calls what nobody has registered. */
  readonly unregistered: readonly MigratorError[];
}

/**
 * Reads and validates the directives of one file, in the order in which they stand there: the first mistake is the one reported.
 *
 * @throws {MigratorError} `INVALID_DIRECTIVE`
 */
export function readDirectives(
  lines: readonly DirectiveLine[],
  statements: number,
  names: DirectiveNames,
  place: ErrorPlace,
): ReadDirectives {
  refuseRepeated(lines, place);
  const operations: Directives['operations'][number][] = [];
  const undone: Directives['undone'][number][] = [];
  const online: Directives['online'][number][] = [];
  const run: Directives['run'][number][] = [];
  const allow: Directives['allow'][number][] = [];
  const unregistered: MigratorError[] = [];
  const single: Mutable<Omit<Directives, 'operations' | 'undone' | 'online' | 'run' | 'allow'>> = {
    ...NO_DIRECTIVES,
  };
  for (const directive of lines) {
    const { name, args, line, statement } = directive;
    const refuse = (what: string): MigratorError => invalidDirective(directive, place, what);
    if (names.down && !IN_DOWN_FILES.has(name)) throw notInDownFiles(directive, place);
    switch (name) {
      case 'operation': {
        if (names.down) {
          undone.push({ name: undoneOperation(directive, place), fromStatement: statement, line });
          break;
        }
        const called = operation(directive, place);
        operations.push({ ...called, fromStatement: statement, line });
        unregistered.push(...unknownOperation(called.name, directive, names, place));
        break;
      }
      case 'online':
        if (args !== '') throw refuse('takes no arguments');
        if (statement >= statements)
          throw refuse('stands below the last statement and covers none');
        online.push({ fromStatement: statement, line });
        break;
      case 'run':
        run.push({
          name: codeMigration(directive, place),
          beforeStatement: statement,
          line,
        });
        unregistered.push(...unknownCode(args, directive, names, place));
        break;
      case 'impact':
        single.impact = oneOf(args, IMPACTS) ?? raise(refuse('takes expand, contract or breaking'));
        break;
      case 'requires':
        if (args === '' || /\s/.test(args)) throw refuse('takes the tag of one migration');
        if (names.tags && !names.tags.has(args))
          throw refuse(`names ${args}, which is no migration of this journal`);
        single.requires = args;
        break;
      case 'transaction':
        single.transaction = oneOf(args, ['off']) ?? raise(refuse('takes "off" and nothing else'));
        break;
      case 'lock-timeout':
        single.lockTimeoutMs = durationMs(args) ?? raise(refuse(DURATION));
        break;
      case 'statement-timeout':
        single.statementTimeoutMs = durationMs(args) ?? raise(refuse(DURATION));
        break;
      case 'allow':
        allow.push({
          ...(waiver(args) ?? raise(refuse('takes a rule, a colon and a reason'))),
          line,
        });
        break;
      case 'irreversible':
        single.irreversible = args || raise(refuse('takes the reason why there is no way back'));
        break;
    }
  }
  return { directives: { ...single, operations, undone, online, run, allow }, unregistered };
}

function notInDownFiles({ name, line }: DirectiveLine, place: ErrorPlace): MigratorError {
  return new MigratorError('INVALID_DIRECTIVE', {
    message: `The directive @${name} has no meaning in a down file.`,
    remedy:
      'Take the line out, or put it into the migration itself. A down file takes @operation <name> undo, @run, @transaction, @lock-timeout, @statement-timeout and @allow.',
    place: { ...place, line },
    state: 'Nothing was executed.',
    details: { directive: name },
  });
}

const DURATION = 'takes a duration above zero such as 500ms, 2s, 10min or 1h';

function operation(
  directive: DirectiveLine,
  place: ErrorPlace,
): { readonly name: string; readonly phase: Phase } {
  const [name = '', word = '', ...rest] = directive.args.split(/\s+/);
  const phase = oneOf(word, PHASES);
  if (!NAME.test(name) || phase === null || rest.length > 0)
    throw invalidDirective(directive, place, `takes a name and a phase (${PHASES.join(', ')})`);
  return { name, phase };
}

/** Not looked up among those that are registered: one that is through is often deleted, and undone is on record. */
function undoneOperation(directive: DirectiveLine, place: ErrorPlace): string {
  const [name = '', word = '', ...rest] = directive.args.split(/\s+/);
  if (!NAME.test(name) || word !== 'undo' || rest.length > 0)
    throw invalidDirective(directive, place, 'takes a name and the word undo in a down file');
  return name;
}

function codeMigration(directive: DirectiveLine, place: ErrorPlace): string {
  const name = directive.args;
  if (!NAME.test(name))
    throw invalidDirective(directive, place, 'takes the name of one code migration');
  return name;
}

function unknownOperation(
  name: string,
  { line }: DirectiveLine,
  { operations, databaseEmpty }: DirectiveNames,
  place: ErrorPlace,
): readonly MigratorError[] {
  if (databaseEmpty || operations === null || operations.has(name)) return [];
  const what = { code: 'UNKNOWN_OPERATION', what: 'operation', option: 'operations' } as const;
  return [unregisteredName(name, operations, what, { ...place, line })];
}

function unknownCode(
  name: string,
  { line }: DirectiveLine,
  { codeMigrations }: DirectiveNames,
  place: ErrorPlace,
): readonly MigratorError[] {
  if (codeMigrations === null || codeMigrations.has(name)) return [];
  const code = 'UNKNOWN_CODE_MIGRATION';
  const what = { code, what: 'code migration', option: 'codeMigrations' } as const;
  return [unregisteredName(name, codeMigrations, what, { ...place, line })];
}

function unregisteredName(
  name: string,
  registered: ReadonlySet<string>,
  {
    code,
    what,
    option,
  }: {
    readonly code: 'UNKNOWN_OPERATION' | 'UNKNOWN_CODE_MIGRATION';
    readonly what: string;
    readonly option: string;
  },
  place: ErrorPlace,
): MigratorError {
  const known = [...registered];
  return new MigratorError(code, {
    message: `No ${what} named ${name} is registered${known.length > 0 ? `; registered are ${known.join(', ')}` : '; none is registered'}.`,
    remedy: `Register it in the option \`${option}\`, or correct the name; the command line knows ${what}s only with --module.`,
    place,
    state: 'Nothing was executed.',
    details: { name, registered: known },
  });
}

function waiver(args: string): { readonly rule: string; readonly reason: string } | null {
  const [, rule, reason] = /^([\w-]+)\s*:\s*(\S[\s\S]*)$/.exec(args) ?? [];
  return rule === undefined || reason === undefined ? null : { rule, reason };
}

function oneOf<Word extends string>(word: string, words: readonly Word[]): Word | null {
  return words.find((candidate) => candidate === word) ?? null;
}

function raise(error: MigratorError): never {
  throw error;
}
