import type { ParsedMigration } from '../journal/journal.js';
import type { Dialect } from '../statements/statement.js';
import { notDrafted } from './down-errors.js';
import { downStatements } from './down-statement.js';
import { downSteps, type DownStep } from './down-steps.js';
import { schemaChanges } from './schema-changes.js';
import type { SnapshotPair } from './snapshot-pair.js';
import { upRemarks, type UpRemark } from './up-remarks.js';
import { shown } from './wording.js';

/** What a draft is made of. */
export interface DraftSource {
  readonly parsed: ParsedMigration;
  readonly snapshots: SnapshotPair;
  /** Drizzle Kit's statements from the migration's snapshot to the one before it. */
  readonly generated: readonly string[];
  readonly dialect: Dialect;
}

/** Text of a down file. */
export interface DownText {
  readonly text: string;
  /** How many statements it runs. */
  readonly statements: number;
  /** Whether nothing in it waits to be written by hand or deleted. */
  readonly complete: boolean;
}

const MARKER = '--> statement-breakpoint';

/**
 * Drafts a down file. Pure. Drizzle Kit's statements stand in an order that runs, what takes back an operation's statements below
 * `-- @operation <name> undo`, which leaves it out where `nest-migrate operation undo` did it. Comments say what does not come back, and name
 * what the file did and no snapshot knows, before whatever takes back what the file did earlier.
 *
 * @throws {MigratorError} `DOWN_NOT_DRAFTED` when the file has no statement and its snapshot has more than the one before
 */
export function draftDown({ parsed, snapshots, generated, dialect }: DraftSource): DownText {
  const { migration, directives } = parsed;
  const current = snapshots.current.snapshot;
  const previous = snapshots.previous.snapshot;
  const changes = schemaChanges(current, previous);
  const ordered = downStatements(generated, { current, previous, changes, dialect });
  if (parsed.statements.length === 0 && ordered.length > 0)
    throw notDrafted(
      migration,
      `Migration ${migration.tag} has no statement, and its snapshot has another schema than the one before: it describes what was there already.`,
      'Say it in the file: -- @irreversible <reason>. There is nothing that this migration did.',
    );
  const steps = downSteps(ordered, parsed, { current, previous, changes, dialect });
  const remarks = upRemarks(parsed, changes);
  const names = [...new Set(directives.operations.map(({ name }) => name))].toReversed();
  const withSql = names.filter((name) => steps.some(({ operation }) => operation === name));
  const withoutSql = names.filter((name) => !withSql.includes(name));
  const outside = section(
    steps.filter(({ operation }) => operation === null),
    remarks.filter(({ operation }) => operation === null || !withSql.includes(operation)),
  );
  const ofOperations = withSql.map((name) => [
    `-- @operation ${name} undo`,
    ...section(
      steps.filter(({ operation }) => operation === name),
      remarks.filter(({ operation }) => operation === name),
    ),
  ]);
  const { file } = snapshots.previous;
  const header = [
    `Drafted by nest-migrate make-down from ${shown(snapshots.current.file ?? '')} and ${file === null ? 'an empty schema' : shown(file)}.`,
    'Read it before use: it takes the schema back, and not the rows.',
    ...withoutSql.map(
      (name) =>
        `Nothing here takes back operation ${name} alone; what it did is undone by: nest-migrate operation undo ${name}`,
    ),
  ];
  const sections = [outside, ...ofOperations].filter((lines) => lines.length > 0);
  return {
    text: `${[...header.map(comment), '', ...separated(sections)].join('\n').trimEnd()}\n`,
    statements: steps.reduce((sum, { sql }) => sum + sql.length, 0),
    complete: !remarks.some(({ open }) => open),
  };
}

/** Each remark stands before the first step that takes back something earlier. */
function section(steps: readonly DownStep[], remarks: readonly UpRemark[]): string[] {
  const left = [...remarks];
  const lines: string[] = [];
  steps.forEach(({ notes, sql, reverses }) => {
    while (left[0] !== undefined && reverses !== null && reverses < left[0].position)
      lines.push(comment(left.shift()?.text ?? ''));
    lines.push(...notes.map(comment), ...sql.map((each) => `${each};`));
  });
  return [...lines, ...left.map(({ text }) => comment(text))];
}

/** Between two statements Drizzle Kit's marker, behind the first of them. */
function separated(sections: readonly (readonly string[])[]): readonly string[] {
  const lines = sections.flat();
  const last = lines.findLastIndex(isStatement);
  return lines.flatMap((line, index) =>
    isStatement(line) && index < last ? [line, MARKER] : [line],
  );
}

function isStatement(line: string): boolean {
  return !line.startsWith('--');
}

function comment(text: string): string {
  return `-- ${text}`;
}
