import { dropsThatComeBack, impactOf, objectKey } from '../../statements/impact.js';
import type { ClassifiedStatement } from '../../statements/statement.js';
import { findWords } from '../../statements/table-changes/spans.js';
import { Cursor } from '../../statements/cursor.js';
import {
  migrationRule,
  statementRule,
  type MigrationRule,
  type StatementRule,
  type StatementSubject,
} from '../rule.js';
import { byOperation, codeOf, literal, operationName, operationTable } from '../safe-way.js';
import { describe, nameOf, printable } from '../wording.js';

const renameColumn: StatementRule = statementRule({
  id: 'rename-column',
  tier: 'allow',
  about: 'RENAME COLUMN: builds that run meanwhile ask for the old name',
  settledByOnline: false,
  check(subject) {
    const { alter, statement, isNew } = subject;
    const change = alter?.changes.find(
      (each) => each.kind === 'rename column' || (each.kind === 'change type' && each.to !== null),
    );
    if (alter === null || change === undefined) return null;
    const from =
      change.kind === 'rename column' || change.kind === 'change type' ? change.column : '';
    const to =
      (change.kind === 'rename column' || change.kind === 'change type' ? change.to : '') ?? '';
    const column = statement.is.effects.find(({ effect }) => effect === 'renames')?.object;
    if (column === undefined || isNew(column)) return null;
    const name = operationName(alter.table, to);
    return {
      message: `Column ${nameOf(alter.table)}.${printable(from)} gets the name ${printable(to)}: every build that is running fails at the next query. If only the key in schema.ts is to change, give the column its old name there and drop this statement.`,
      safeWay: byOperation({
        name,
        call: `renameColumn(${literal(name)}, { table: ${operationTable(alter.table)}, from: ${literal(from)}, to: ${literal(to)} })`,
        contract: [codeOf(subject)],
      }),
    };
  },
});

const renameObject: StatementRule = statementRule({
  id: 'rename-object',
  tier: 'allow',
  about: 'RENAME of a table, view, type, enum value, sequence, schema or routine',
  settledByOnline: false,
  check({ alter, statement, isNew }) {
    const renamed = statement.is.effects.find(
      ({ effect, object }) => effect === 'renames' && object.kind !== 'column' && !isNew(object),
    );
    if (renamed === undefined) return null;
    const rename = alter?.changes.find(({ kind }) => kind === 'rename table');
    const { object } = renamed;
    return {
      message: `The ${describe(object)} gets another name: every build that is running fails at the next query.`,
      safeWay:
        rename?.kind === 'rename table'
          ? [
              '-- Keep the old name in schema.ts and rename the key only; or, where nobody but Drizzle writes it:',
              codeTable(object.schema, rename.to, object.name),
            ].join('\n')
          : null,
    };
  },
});

/** The view that keeps an old table name alive for builds that are running. */
function codeTable(schema: string | null, to: string, from: string): string {
  const prefix = schema === null ? '' : `${schema}.`;
  return `-- the rename and, in the same transaction: CREATE VIEW ${printable(`${prefix}${from}`)} AS SELECT * FROM ${printable(`${prefix}${to}`)};`;
}

const dropInUse: StatementRule = statementRule({
  id: 'drop-in-use',
  tier: 'warning',
  about: 'DROP TABLE, COLUMN, VIEW, TYPE, ...: builds that are running may still use it',
  settledByOnline: false,
  check({ statement, isNew, migration }) {
    const back = dropsThatComeBack(migration.statements);
    const dropped = statement.is.effects.find(
      ({ effect, object }) =>
        effect === 'removes' && !isNew(object) && !back.has(objectKey(object)),
    );
    if (dropped === undefined) return null;
    return {
      message: `The ${describe(dropped.object)} goes, with all that is in it. \`up\` holds this back while instances are registered that may use it; instances that are not registered nobody asks.`,
      safeWay: null,
    };
  },
});

const dropCascade: StatementRule = statementRule({
  id: 'drop-cascade',
  tier: 'allow',
  about: 'DROP ... CASCADE: takes views and foreign keys with it that nobody listed',
  settledByOnline: false,
  check(subject) {
    const { statement, dialect, isNew } = subject;
    if (dialect !== 'postgresql') return null;
    const drops = statement.is.effects.filter(
      ({ effect }) => effect === 'removes' || effect === 'relaxes',
    );
    const [first] = drops;
    if (first === undefined || drops.every(({ object }) => isNew(object))) return null;
    const code = codeOf(subject);
    if (!isDrop(subject) || !hasCascade(code)) return null;
    return {
      message: `CASCADE drops whatever depends on ${describe(first.object)}: views, foreign keys, policies, functions, without naming one of them. Drizzle Kit writes it at every DROP TABLE.`,
      safeWay: `-- fails instead where something depends on it:\n${code.replace(/\s+cascade(?=\s*(?:,|$))/gi, '')};`,
    };
  },
});

function isDrop({ statement, alter }: StatementSubject): boolean {
  return alter === null
    ? statement.head.startsWith('DROP')
    : alter.changes.some(
        (change) =>
          (change.kind === 'drop column' || change.kind === 'drop constraint') && change.cascade,
      );
}

function hasCascade(code: string): boolean {
  const cursor = new Cursor(code, 'postgresql');
  return findWords(cursor, 0, Number.POSITIVE_INFINITY, 'CASCADE') !== null;
}

const expandAndContract: MigrationRule = migrationRule({
  id: 'expand-and-contract',
  tier: 'allow',
  about: 'One file both adds what the new build needs and takes away what the old one uses',
  check({ migration, created }) {
    const { directives, statements } = migration;
    if (directives.impact !== null || directives.operations.length > 0) return [];
    if (impactOf(statements, created).impact !== 'breaking') return [];
    if (statements.some(isBreaking)) return [];
    return [
      {
        statement: null,
        message:
          'This file adds what the new build needs and takes away or tightens what the old one uses: whichever runs first, one of them fails. `up` refuses it while an older instance lives.',
        safeWay: `nest-migrate split ${migration.migration.tag}`,
      },
    ];
  },
});

/** Whether a statement breaks older builds all by itself: another rule says so. */
function isBreaking({ is }: Pick<ClassifiedStatement, 'is'>): boolean {
  return is.effects.some(
    ({ effect, breaksOldWriters }) =>
      effect === 'renames' || effect === 'retypes' || breaksOldWriters === true,
  );
}

/** Rules about builds that do not know the migration. */
export const COMPATIBILITY_RULES: readonly (StatementRule | MigrationRule)[] = [
  renameColumn,
  renameObject,
  dropInUse,
  dropCascade,
  expandAndContract,
];
