import type { ObjectNames } from '../object-names.js';
import type { Blocker, CoveredStatement } from '../operation-action.js';
import type { RenameColumn } from '../operation.js';
import { readChange } from '../read-change.js';
import type { ColumnFacts, TableFacts } from '../table-facts.js';
import { columnOf } from './alterations.js';
import { ColumnDefinition } from './column-definition.js';
import { hasCollationOf } from './collations.js';
import { error, mentionWarnings, namingTriggers, tableBlockers, warning } from './blockers.js';
import { canonicalType, coveredColumn } from './covered.js';

/** How a rename ends: the new column stays, or the old one takes its name. */
export type ContractForm = 'drop-old' | 'swap';

const NEEDS = { rows: true, triggers: true, tableLock: true } as const;
/** Types whose values `<=>` does not compare, or not as bytes. */
const WITHOUT_EQUALITY =
  /^(?:geometry|point|linestring|polygon|multi\w+|geometrycollection|geomcollection|vector)\b/;

/** What speaks against a rename that has not come to its end, the contract's own obstacles marked as such. Pure. */
export function renameBlockers(
  operation: RenameColumn,
  facts: TableFacts,
  names: ObjectNames,
  form: ContractForm,
  covered: readonly CoveredStatement[],
): Blocker[] {
  const from = columnOf(facts, operation.from);
  const to = columnOf(facts, operation.to);
  // ADD COLUMN at expand, DROP COLUMN at contract: what is done already has been counted by the server.
  const rowVersions = to === undefined ? 2 : 1;
  const blockers = tableBlockers(facts, names, { ...NEEDS, rowVersions });
  if (facts.columns.length === 0) return blockers;
  if (from === undefined) {
    return [
      ...blockers,
      error(
        'no-column',
        `${facts.table.name} has no column ${operation.from}.`,
        to === undefined
          ? 'Check the names in the definition.'
          : `It has ${operation.to}: perhaps it was renamed by hand.`,
      ),
    ];
  }
  return [
    ...blockers,
    ...columnBlockers(from),
    ...pairBlockers(facts, from, to),
    ...coveredBlockers(operation, facts, from, covered),
    ...cascades(facts, from),
    ...atContract(facts, from, form),
    ...mentionWarnings(facts, from.name),
    ...keywordWarning(from),
  ];
}

function columnBlockers(from: ColumnFacts): Blocker[] {
  const refuse = (what: string): Blocker =>
    error(
      'column-kind',
      `${from.name} is ${what}, which a second column cannot be kept equal to.`,
      'Rename it in a window, or leave the database alone and rename the property in schema.ts.',
    );
  if (from.generated !== null) return [refuse('a generated column')];
  if (from.identity) return [refuse('an AUTO_INCREMENT column')];
  if (WITHOUT_EQUALITY.test(from.type)) return [refuse(`of type ${from.type}`)];
  if (from.definition === null) {
    return [
      error(
        'unreadable-definition',
        `The definition of ${from.name} cannot be repeated as text: its default holds bytes that are no text, or backslashes under NO_BACKSLASH_ESCAPES.`,
        'Take the default away first, or connect without NO_BACKSLASH_ESCAPES.',
      ),
    ];
  }
  return [];
}

function pairBlockers(
  facts: TableFacts,
  from: ColumnFacts,
  to: ColumnFacts | undefined,
): Blocker[] {
  if (to === undefined || isTwin(from, to)) return [];
  return [
    error(
      'column-exists',
      `${facts.table.name} has a column ${to.name} already, of another type or with a default.`,
      `Give it the type of ${from.name}, nullable and without a default, or take it away.`,
    ),
  ];
}

/** Whether a column can hold whatever the other holds, byte by byte, and says nothing of its own. */
export function isTwin(from: ColumnFacts, to: ColumnFacts): boolean {
  return (
    from.type === to.type &&
    from.collation === to.collation &&
    to.nullable &&
    to.default === null &&
    to.onUpdate === null &&
    to.generated === null
  );
}

function coveredBlockers(
  { to }: RenameColumn,
  { flavour }: TableFacts,
  from: ColumnFacts,
  covered: readonly CoveredStatement[],
): Blocker[] {
  const statement = coveredColumn(covered, 'adds', to);
  if (statement === undefined) return [];
  const added = readChange(statement.sql, 'mysql');
  if (added?.kind !== 'add column') return [];
  const refuse = (problem: string, remedy: string): Blocker[] => [
    error('covered-column', `Line ${statement.line} gives ${to} ${problem}.`, remedy),
  ];
  const said = ColumnDefinition.parse(added.type);
  if (
    canonicalType(said.type, flavour) !== canonicalType(from.type, flavour) ||
    !hasCollationOf(from, said)
  ) {
    const collation = from.fullCollation === null ? '' : `, ${from.fullCollation}`;
    return refuse(
      `another type than ${from.name} has (${from.type}${collation})`,
      'Make the two the same in schema.ts, or use changeColumnType.',
    );
  }
  if (added.notNull !== null) {
    return refuse(
      'NOT NULL: the server would fill every row with the empty value in silence',
      'Generate it nullable, and add tightenNotNull behind the backfill.',
    );
  }
  if (added.default !== null && added.default.toUpperCase() !== 'NULL') {
    return refuse(
      'a default: a row in which nobody wrote it would look as if somebody had',
      'Give it the default with the contract.',
    );
  }
  const isPlain = added.inline.length === 0 && !added.generated && added.rowValue === null;
  if (!isPlain || /\bON\s+UPDATE\b/i.test(statement.sql)) {
    return refuse('a rule of its own', 'Generate it as a plain column first.');
  }
  const collation = /\bCOLLATE\s*=?\s*[`'"]?(\w+)/i.exec(statement.sql)?.[1]?.toLowerCase() ?? null;
  if (from.collation !== null && collation !== from.collation) {
    return refuse(
      `another collation than ${from.name} has (${from.collation})`,
      `Write COLLATE ${from.collation} behind its type.`,
    );
  }
  return [];
}

/** InnoDB changes child columns without firing triggers. Source: MySQL manual, Trigger Syntax. */
function cascades(facts: TableFacts, from: ColumnFacts): Blocker[] {
  const moving = ['cascade', 'set null', 'set default'];
  return facts.foreignKeys
    .filter(
      ({ direction, columns, onDelete, onUpdate }) =>
        direction === 'out' &&
        columns.includes(from.name) &&
        (moving.includes(onUpdate) || (onDelete !== 'cascade' && moving.includes(onDelete))),
    )
    .map(({ name }) =>
      error(
        'cascading-foreign-key',
        `Foreign key ${name} changes ${from.name} by itself, past all triggers.`,
        'Replace it by one with ON DELETE/UPDATE RESTRICT for the time of the rename.',
      ),
    );
}

/** What the server would refuse at the end, or lose. */
function atContract(facts: TableFacts, from: ColumnFacts, form: ContractForm): Blocker[] {
  const own = (columns: readonly (string | null)[]): boolean => columns.includes(from.name);
  const refuse = (code: string, message: string, remedy: string): Blocker => ({
    ...error(code, message, remedy),
    phase: 'contract',
  });
  const drops = form === 'drop-old';
  const blockers: Blocker[] = [];
  for (const { name, columns } of facts.dependents.filter(({ certain }) => certain)) {
    // MariaDB follows a renamed column into generated ones; MySQL refuses: 3108.
    if (!own(columns) || (!drops && facts.flavour === 'mariadb')) continue;
    blockers.push(
      refuse(
        'generated column',
        `Generated column ${name} is computed from ${from.name}.`,
        `Drop ${name} before the contract.`,
      ),
    );
  }
  for (const check of facts.checks.filter(({ columns }) => own(columns))) {
    // MariaDB renames a check's column with it, and drops a check that belongs to the column itself; MySQL refuses to rename (3959),
    // and to drop where the check names another column as well.
    const isColumnsOwn =
      facts.flavour === 'mariadb' ? check.name === from.name : check.columns.length === 1;
    if (drops ? isColumnsOwn : facts.flavour === 'mariadb') continue;
    blockers.push(
      refuse(
        'check',
        `CHECK ${check.name} names ${from.name}.`,
        `Drop it before the contract (instant): ALTER TABLE ${facts.table.name} DROP CONSTRAINT ${check.name}.`,
      ),
    );
  }
  if (drops) {
    for (const key of facts.foreignKeys.filter(({ columns }) => own(columns))) {
      blockers.push(
        refuse(
          'foreign-key',
          `Foreign key ${key.name} is tied to ${from.name}.`,
          'Drop it before the contract; the new column takes one of its own by tightenForeignKey.',
        ),
      );
    }
    for (const index of facts.indexes.filter(({ columns }) => own(columns) && columns.length > 1)) {
      blockers.push(
        refuse(
          'index',
          `Index ${index.name} holds ${from.name} beside other columns, and would be built anew without it.`,
          'Drop it before the contract; make its successor over the new column first.',
        ),
      );
    }
  }
  return [...blockers, ...namingTriggers(facts, from.name)];
}

function keywordWarning(from: ColumnFacts): Blocker[] {
  if (from.nullable || from.default !== null) return [];
  return [
    warning(
      'default-keyword',
      `${from.name} is NOT NULL without a default: an INSERT that leaves it out is filled by the trigger, one that writes the keyword DEFAULT for it fails (1364).`,
      'Drizzle writes DEFAULT for declared columns without a value: give both columns the value while schema.ts declares both.',
    ),
  ];
}
