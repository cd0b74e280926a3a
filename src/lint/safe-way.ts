import { onlineForm } from '../statements/online/online-form.js';
import { spanOfCode } from '../statements/table-changes/code-span.js';
import type { ObjectName } from '../statements/statement.js';
import { textOf } from '../statements/table-changes/spans.js';
import type { StatementSubject } from './rule.js';

/** A statement as it stands in the file, without comments around it. */
export function codeOf({
  statement,
  dialect,
}: Pick<StatementSubject, 'statement' | 'dialect'>): string {
  return textOf(statement.sql, spanOfCode(statement.sql, dialect));
}

/**
 * `@online` above the statement; above one statement for each action, where several stand in one ALTER TABLE. null = there is no online
 * form for at least one of them.
 */
export function byOnline(subject: StatementSubject): string | null {
  const { alter, dialect, statement } = subject;
  const statements =
    alter === null || dialect === 'mysql'
      ? [codeOf(subject)]
      : alter.changes.map(
          ({ span }) => `${textOf(statement.sql, alter.head)} ${textOf(statement.sql, span)}`,
        );
  if (!statements.some((sql) => onlineForm({ sql }, dialect) !== null)) return null;
  return `-- @online\n${statements.map((sql) => `${sql};`).join('\n--> statement-breakpoint\n')}`;
}

/** A name for an operation, as it may stand in a directive. */
export function operationName(
  table: Pick<ObjectName, 'name'>,
  ...parts: readonly string[]
): string {
  return [table.name, ...parts].map((part) => part.replace(/[^\w.-]+/g, '-')).join('-');
}

/** A table as the option `table` of an operation takes it. */
export function operationTable(table: Pick<ObjectName, 'schema' | 'name'>): string {
  return literal(table.schema === null ? table.name : `${table.schema}.${table.name}`);
}

/** A string of TypeScript. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

/** How a change by an operation is written. */
export interface OperationText {
  readonly name: string;
  /** The call that makes it, for the option `operations`. */
  readonly call: string;
  /** Statements of this migration that expand covers. */
  readonly covered?: readonly string[];
  /** Statements that contract covers, in a later migration; null = the operation has no contract. */
  readonly contract: readonly string[] | null;
}

/** The lines of an operation in this migration and in the one of the next release. */
export function byOperation({ name, call, covered = [], contract }: OperationText): string {
  const now = [
    `-- registered in the option operations: ${call.replaceAll('\n', ' ')}`,
    `-- @operation ${name} expand`,
    ...covered.map((sql) => `${sql};`),
    `-- @operation ${name} backfill`,
    `-- @operation ${name} verify`,
  ];
  if (contract === null) return now.join('\n');
  const later = [
    '-- in a migration of the next release:',
    `-- @operation ${name} contract`,
    ...contract.map((sql) => `${sql};`),
  ];
  return [...now, ...later].join('\n');
}
