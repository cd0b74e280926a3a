import { statementRule, migrationRule, type MigrationRule, type StatementRule } from '../rule.js';
import { literal, operationName, operationTable } from '../safe-way.js';
import { nameOf } from '../wording.js';

const rowsInMigration: StatementRule = statementRule({
  id: 'rows-in-migration',
  tier: 'warning',
  about:
    'UPDATE, DELETE or MERGE of a table that was there before: one transaction for all its rows',
  settledByOnline: false,
  check({ statement, tableIsNew }) {
    if (statement.is.category !== 'dml' || !/^(?:UPDATE|DELETE|MERGE|WITH)\b/.test(statement.head))
      return null;
    const table = statement.is.locks.find(
      ({ work, object }) => work === 'rows' && !tableIsNew(object),
    )?.object;
    if (table === undefined) return null;
    const name = operationName(table, 'backfill');
    return {
      message: `${statement.head.split(' ')[0] ?? ''} of ${nameOf(table)} in a migration: rows stay locked to the end of the transaction, and replicas and VACUUM wait for it. Fine for a few rows.`,
      safeWay: [
        `-- registered in the option operations: backfill(${literal(name)}, { table: ${operationTable(table)}, set: { <column>: '<SQL>' }, where: '<still to be done>' })`,
        `-- @operation ${name} backfill`,
      ].join('\n'),
    };
  },
});

const opaqueCode: StatementRule = statementRule({
  id: 'opaque-code',
  tier: 'warning',
  about: 'DO, CALL, EXECUTE: what they do does not stand in the file',
  settledByOnline: false,
  check({ statement }) {
    if (statement.is.category !== 'call') return null;
    return {
      message: `${statement.head} runs code that lint does not read: neither its locks nor its impact are known. Write @impact if it changes the schema.`,
      safeWay: null,
    };
  },
});

const noWayBack: MigrationRule = migrationRule({
  id: 'no-way-back',
  tier: 'warning',
  about: 'Neither a down file nor @irreversible',
  check({ migration }) {
    const { migration: file, directives, statements } = migration;
    if (file.downFile !== null || directives.irreversible !== null || statements.length === 0)
      return [];
    const down = file.layout === 'journal' ? `${file.tag}.down.sql` : `${file.tag}/down.sql`;
    return [
      {
        statement: null,
        message: `There is no way back: neither ${down} nor a reason why there is none.`,
        safeWay: '-- @irreversible <why there is no way back>',
      },
    ];
  },
});

/** Rules about rows, code and files. */
export const ROW_RULES: readonly (StatementRule | MigrationRule)[] = [
  rowsInMigration,
  opaqueCode,
  noWayBack,
];
