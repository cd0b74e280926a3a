import { MigratorError } from '../../errors.js';
import type { Journal } from '../../journal/journal.js';
import { parseMigration } from '../../journal/parse-migration.js';
import { objectKey } from '../../statements/impact.js';
import type { ClassifiedStatement, Dialect } from '../../statements/statement.js';
import { describe } from '../wording.js';
import { placeStatement, type DraftedOperation, type Placement } from './place-statement.js';

/** Two files that together do what one migration does, to be looked at before anybody takes them. */
export interface SplitDraft {
  readonly tag: string;
  /** Path of the file, as the folder was given. */
  readonly file: string;
  /** In place of the file: what builds that are running live on with. */
  readonly expand: string;
  /** For a migration of the next release: what only the new build lives on with. */
  readonly contract: string;
  /** Calls for the option `operations`. */
  readonly operations: readonly string[];
  /** What to look at. */
  readonly review: readonly string[];
}

const MARKER = '\n--> statement-breakpoint\n';

/**
 * Drafts expand and contract out of a migration. Pure but for reading the file; the journal is left as it is.
 *
 * @throws {MigratorError} `USAGE` when there is nothing to split, and what is wrong with the file
 */
export function splitMigration(journal: Journal, tag: string, dialect: Dialect): SplitDraft {
  const migration = journal.migrations.find((each) => each.tag === tag);
  if (migration === undefined) throw new RangeError(`no migration ${tag}`);
  const parsed = parseMigration(migration, { dialect, codeMigrations: null, operations: null });
  const { directives, statements } = parsed;
  const placements = statements.flatMap((statement) =>
    placeStatement(statement, statements, dialect),
  );
  const operations = placements.flatMap(({ operation }) => operation ?? []);
  const contracts = placements.flatMap(({ contract }) => contract ?? []);
  if (operations.length === 0 && contracts.length === 0) throw nothingToSplit(tag, 'expand');
  const expands = placements.flatMap(({ expand }) => expand ?? []);
  if (operations.length === 0 && expands.length === 0) throw nothingToSplit(tag, 'contract');
  const twice = operations.find(
    ({ name }, index) => operations.findIndex((other) => other.name === name) !== index,
  );
  return {
    tag,
    file: migration.file,
    expand: expandText(tag, expands, operations, dialect),
    contract: contractText(tag, contracts, operations),
    operations: operations.map(({ call }) => call),
    review: [
      ...howToTake(tag, journal.layout),
      ...(directives.operations.length + directives.online.length + directives.run.length > 0
        ? ['The file has @operation, @online or @run lines; they are not carried over.']
        : []),
      ...(twice === undefined
        ? []
        : [`${twice.name} stands there twice: one column can be in one operation only.`]),
      ...remadeUnderTheirName(statements).map(
        (what) =>
          `The ${what} goes and comes back under the same name: in two releases that cannot be. Give the new one another name, or keep both statements in the contract.`,
      ),
      ...new Set(placements.flatMap(({ review }: Placement) => review ?? [])),
    ],
  };
}

/** Tables and columns that the file drops and adds again. */
function remadeUnderTheirName(statements: readonly ClassifiedStatement[]): readonly string[] {
  const effects = statements.flatMap(({ is }) => is.effects);
  const dropped = new Set(
    effects.filter(({ effect }) => effect === 'removes').map(({ object }) => objectKey(object)),
  );
  return effects
    .filter(
      ({ effect, object }) =>
        effect === 'adds' &&
        (object.kind === 'table' || object.kind === 'column') &&
        dropped.has(objectKey(object)),
    )
    .map(({ object }) => describe(object));
}

function howToTake(tag: string, layout: Journal['layout']): readonly string[] {
  const file = layout === 'journal' ? `${tag}.sql` : `${tag}/migration.sql`;
  return [
    `Only where ${tag} is applied nowhere: an applied file stays as it is.`,
    `The expand part takes the place of ${file}. For the contract part, in a later release: npx drizzle-kit generate --custom --name ${nameOfContract(tag)}, and paste it there.`,
    'Nothing between the two may need what the contract does; lint both files.',
  ];
}

function nameOfContract(tag: string): string {
  return `${tag.replace(/^\d+_/, '')}_contract`;
}

/** Plain statements come first: an `@operation` line covers all that is below it, up to the next one. */
function expandText(
  tag: string,
  plain: readonly string[],
  operations: readonly DraftedOperation[],
  dialect: Dialect,
): string {
  const lines = operations.flatMap(({ name }) =>
    ['expand', 'backfill', 'verify'].map((phase) => `-- @operation ${name} ${phase}`),
  );
  // Stock migrate() sends a file of comments as it is, and MySQL refuses an empty query (1065).
  const statements = plain.length === 0 && dialect === 'mysql' ? ['SELECT 1'] : plain;
  const sql = statements.map((statement) => `${statement};`).join(MARKER);
  return `${[`-- Expand part of ${tag}, drafted by nest-migrate split.`, sql, ...lines].filter((part) => part !== '').join('\n')}\n`;
}

function contractText(
  tag: string,
  plain: readonly string[],
  operations: readonly DraftedOperation[],
): string {
  const statements = [
    ...plain.map((statement) => `${statement};`),
    ...operations.map(({ name, covered }) => `-- @operation ${name} contract\n${covered};`),
  ];
  return `-- Contract part of ${tag}, drafted by nest-migrate split.\n${statements.join(MARKER)}\n`;
}

function nothingToSplit(tag: string, impact: 'expand' | 'contract'): MigratorError {
  return new MigratorError('USAGE', {
    message:
      impact === 'expand'
        ? `${tag} takes nothing away that builds of before use: there is nothing to split.`
        : `${tag} only takes away: it is a contract already, and there is nothing to split.`,
    remedy: `nest-migrate lint shows what else there is to say of it.`,
    place: { migration: tag },
    state: 'Nothing was changed.',
  });
}
