import { nearest } from '../../nearest.js';
import type { ObjectNames } from '../object-names.js';
import type { Blocker } from '../operation-action.js';
import { keyOf } from '../table-key.js';
import type { DependentFacts, TableFacts } from '../table-facts.js';
import { columnOf, qualified } from './sql.js';

/** The trigger of an operation, as `objectNames` has it. */
const OTHER_OPERATION = /^zzz_mg_[0-9a-f]{8}_sync$/;

/** What speaks against any operation on a table: that it cannot be gone through, or not by this login. */
export function tableBlockers(facts: TableFacts, needs: { readonly ddl: boolean }): Blocker[] {
  const table = qualified(facts.table);
  switch (facts.kind) {
    case 'missing':
      return [
        error(
          'table-missing',
          `There is no table ${table}.`,
          'Create it in an earlier migration, or correct the operation.',
        ),
      ];
    case 'view':
    case 'foreign table':
      return [
        error(
          'not-a-table',
          `${table} is a ${facts.kind}.`,
          'Name the table whose rows these are.',
        ),
      ];
    case 'table':
    case 'partitioned':
  }
  const found: Blocker[] = [];
  const lacking = facts.missingPrivileges.filter(
    (right) => needs.ddl || !/^(?:OWNERSHIP|CREATE)/.test(right),
  );
  if (lacking.length > 0)
    found.push(
      error(
        'missing-privilege',
        `This login lacks ${lacking.join(', ')}.`,
        'Grant it, or run the migration as the owner of the table.',
      ),
    );
  if (facts.postgres?.rowsHidden === true)
    found.push(
      error(
        'row-security',
        `Row-level security hides rows of ${table} from this login.`,
        'Run the migration as a role with BYPASSRLS, or as the owner without FORCE ROW LEVEL SECURITY.',
      ),
    );
  return found;
}

/** What speaks against going through the rows. */
export function rowBlockers(facts: TableFacts): Blocker[] {
  const rows = facts.kind === 'table' || facts.kind === 'partitioned';
  if (!rows || keyOf(facts) !== null) return [];
  return [
    error(
      'no-key',
      `${qualified(facts.table)} has no primary key, and no unique index over NOT NULL columns.`,
      'Give it a primary key first: rows are gone through by it.',
    ),
  ];
}

/** What speaks against a trigger of ours: that it would be skipped, or that another one has the last word. */
export function triggerBlockers(facts: TableFacts, names: ObjectNames): Blocker[] {
  const table = qualified(facts.table);
  const found: Blocker[] = [];
  if (facts.subscriber)
    found.push(
      error(
        'subscriber',
        `${table} receives rows by logical replication, which skips triggers.`,
        'Run the operation on the publisher, or drop the subscription of this table first.',
      ),
    );
  const { parent, heirs, replicaRole } = facts.postgres ?? {
    parent: null,
    heirs: [],
    replicaRole: false,
  };
  if (replicaRole)
    found.push(
      error(
        'replication-role',
        'session_replication_role is replica for this login: triggers are skipped.',
        'Set it to origin.',
      ),
    );
  if (parent !== null)
    found.push(
      error(
        'is-partition',
        `${table} is a part of ${parent}, whose columns it has.`,
        `Run the operation on ${parent}.`,
      ),
    );
  if (heirs.length > 0)
    found.push(
      error(
        'inheritance',
        `${heirs.join(', ')} inherit the columns of ${table} and not its triggers.`,
        'Take them out of the inheritance (NO INHERIT) first.',
      ),
    );
  for (const trigger of facts.triggers) {
    const later = Buffer.compare(Buffer.from(trigger.name), Buffer.from(names.trigger)) > 0;
    const writes = trigger.events.includes('insert') || trigger.events.includes('update');
    // Operations that write one column are kept apart where they are registered.
    const otherOperation = OTHER_OPERATION.test(trigger.name);
    const reshapes = trigger.timing === 'before' && trigger.perRow && trigger.enabled && writes;
    if (reshapes && later && !otherOperation)
      found.push(
        error(
          'trigger-order',
          `Trigger ${trigger.name} fires after ours and could change what was kept in step.`,
          `Rename it, so that it sorts before ${names.trigger}.`,
        ),
      );
  }
  return found;
}

/** That a column is not there, with the name that was probably meant. */
export function columnMissing(facts: TableFacts, name: string): Blocker[] {
  if (facts.kind === 'missing' || columnOf(facts, name) !== null) return [];
  const similar = nearest(
    name,
    facts.columns.map((column) => column.name),
  );
  return [
    error(
      'column-missing',
      `${qualified(facts.table)} has no column ${name}.${similar === null ? '' : ` Did you mean ${similar}?`}`,
      'Correct the operation.',
    ),
  ];
}

/** What the words of {@link dependentBlockers} say the column cannot do. */
export interface Fate {
  readonly column: string;
  readonly phase: 'expand' | 'contract';
  readonly severity: Blocker['severity'];
  readonly remedy: string;
}

/** Everything that keeps a column from being dropped (Postgres refuses with 2BP01), or that would silently go with it. */
export function dependentBlockers(facts: TableFacts, fate: Fate): Blocker[] {
  const { column, severity, phase, remedy } = fate;
  const blocker = (code: string, message: string): Blocker => ({
    code,
    message,
    remedy,
    severity,
    phase,
  });
  const named = facts.dependents
    .filter(({ columns, certain }) => certain && columns.includes(column))
    .map((one) =>
      blocker(one.kind.replaceAll(' ', '-'), `${described(one)} uses column ${column}.`),
    );
  const keys = facts.foreignKeys
    .filter(({ direction, columns }) => direction === 'in' && columns.includes(column))
    .map((key) =>
      blocker(
        'foreign-key',
        `Foreign key ${key.name} of ${qualified(key.other.table)} refers to column ${column}.`,
      ),
    );
  const triggers = facts.triggers
    .filter(({ columns }) => columns?.includes(column) === true)
    .map(({ name }) => blocker('trigger', `Trigger ${name} waits for column ${column}.`));
  return [...named, ...keys, ...triggers];
}

/** Warnings of what only a reader can judge: text that mentions the column, and triggers that will not see it written. */
export function mentionWarnings(facts: TableFacts, column: string): Blocker[] {
  const mentions = facts.dependents
    .filter(({ columns, certain }) => !certain && columns.includes(column))
    .map(({ name }) =>
      warning(
        'function',
        `The text of function ${name} mentions ${facts.table.name} and ${column}.`,
        'See whether it has to change before contract.',
      ),
    );
  return mentions;
}

function described({ kind, name }: DependentFacts): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${name}`;
}

/** What stops an operation before anything is touched. */
export function error(code: string, message: string, remedy: string): Blocker {
  return { code, message, remedy, severity: 'error' };
}

/** What is worth saying. */
export function warning(code: string, message: string, remedy: string): Blocker {
  return { code, message, remedy, severity: 'warning' };
}
