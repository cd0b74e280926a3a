import { objectNames } from '../object-names.js';
import type { Blocker, OperationAction, Recipe } from '../operation-action.js';
import type { Rule, TightenConstraint } from '../operation.js';
import type { ColumnFacts, TableFacts } from '../table-facts.js';
import { columnOf, locks } from './alterations.js';
import { error, type Needs } from './blockers.js';
import { ColumnDefinition } from './column-definition.js';
import { createGuards, dropGuards, type Guards, guardTriggers } from './guard-triggers.js';
import { quote, tableSql } from './sql.js';
import { tightenBlockers, tightenRows } from './tighten-parts.js';
import { violation } from './violation.js';

/**
 * A CHECK, or a shorter text, which both servers build by a copy of the table only: NOT ENFORCED can be added at once and enforced by a copy
 * (measured). Guard triggers do what it would do; whether they stay or are followed by the copy is what the operation says.
 */
export function guardedRecipe(
  operation: TightenConstraint,
  rule: Extract<Rule, { kind: 'check' | 'max-length' }>,
  facts: TableFacts,
): Recipe {
  const names = objectNames(operation);
  const violated = violation(rule, facts);
  const guards = guardTriggers(operation, names, facts, violated);
  const isEnforced = (now: TableFacts): boolean => isPromoted(rule, now);
  const columns = rule.kind === 'max-length' ? [rule.column] : [];
  const needs: Needs = { rows: true, triggers: true, tableLock: false, rowVersions: 0 };
  const copies = operation.withoutOnlineForm === 'copy';
  return {
    blockers: [
      ...tightenBlockers(operation, facts, needs, columns),
      ...(operation.withoutOnlineForm === 'refuse' && !isEnforced(facts)
        ? [withoutOnlineForm(rule, facts)]
        : []),
    ],
    expand: createGuards(operation, guards, isEnforced),
    rows: tightenRows(operation, facts, violated),
    // From here on a violator is the application's mistake, which is not mended in silence.
    verify: copies ? [] : dropGuards(operation, guards.repairing),
    contract: copies ? promotion(operation, rule, facts, guards) : [],
    undo: dropGuards(operation, [...guards.refusing, ...guards.repairing]),
  };
}

function isPromoted(
  rule: Extract<Rule, { kind: 'check' | 'max-length' }>,
  facts: TableFacts,
): boolean {
  if (rule.kind === 'check') {
    return facts.checks.some(({ name, validated }) => name === rule.constraint && validated);
  }
  const length = /^(?:var)?char\((\d+)\)/.exec(columnOf(facts, rule.column)?.type ?? '')?.[1];
  return length !== undefined && Number(length) <= rule.length;
}

function withoutOnlineForm(
  rule: Extract<Rule, { kind: 'check' | 'max-length' }>,
  { table, flavour }: TableFacts,
): Blocker {
  const what = rule.kind === 'check' ? `CHECK ${rule.constraint}` : `a shorter ${rule.column}`;
  return error(
    'no-online-form',
    `${flavour === 'mariadb' ? 'MariaDB' : 'MySQL'} gives ${table.name} ${what} by a copy of the whole table only, and no row can be written meanwhile.`,
    "Choose in the operation: withoutOnlineForm: 'guard-triggers' (triggers enforce it for good) or 'copy' (in a window of yours, behind the backfill); or hand the table to gh-ost or spirit and take the operation out.",
  );
}

function promotion(
  operation: TightenConstraint,
  rule: Extract<Rule, { kind: 'check' | 'max-length' }>,
  facts: TableFacts,
  guards: Guards,
): readonly OperationAction[] {
  const { table } = operation;
  const column = rule.kind === 'max-length' ? columnOf(facts, rule.column) : undefined;
  const clause =
    rule.kind === 'check'
      ? `ADD CONSTRAINT ${quote(rule.constraint)} CHECK (${rule.expression})`
      : `MODIFY COLUMN ${quote(rule.column)} ${shortened(column, rule.length)}`;
  return [
    {
      id: 'copy',
      mode: 'autocommit',
      statements: [`ALTER TABLE ${tableSql(table)} ${clause}, ALGORITHM=COPY, LOCK=SHARED`],
      locks: locks(table, 'SHARED', 'copy'),
      isDone: (now) => isPromoted(rule, now),
    },
    ...dropGuards(operation, [...guards.refusing, ...guards.repairing]),
  ];
}

function shortened(column: ColumnFacts | undefined, length: number): string {
  const kind = column?.type.startsWith('char(') === true ? 'char' : 'varchar';
  const definition = ColumnDefinition.parse(column?.definition ?? 'varchar(1)');
  return definition.withLength(`${kind}(${length})`).toString();
}
