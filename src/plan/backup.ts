import type { SizedTable } from '../database/table-sizes.js';
import type { MigratorError } from '../errors.js';
import { withoutBackup } from './backup-finding.js';
import { sizeNotKnown, tooLarge, unreachableByPrograms } from './backup-refusals.js';
import type { DatabaseObservation, DatabasePlan, MigrationAction } from './plan.js';

/** What is asked for before a contract. */
export interface BackupPolicy {
  /** Bytes below which rows are dumped; null = no backup is asked for. */
  readonly dataBelow: number | null;
  /** Name of a snapshot that the operator has taken; null = none. */
  readonly ref: string | null;
  /** Why no dump program can reach the database; null = one can. */
  readonly unreachable: string | null;
}

/** What is put by before one contract. */
export interface PlannedBackup {
  /** `data`: the schema, and the rows of {@link tables}. `none`: the operator's snapshot stands for all of it. */
  readonly dump: 'none' | 'schema' | 'data';
  /** Whose rows the contract takes away. */
  readonly tables: readonly SizedTable[];
  /** The operator's snapshot; null = none. */
  readonly ref: string | null;
}

/**
 * Adds to a plan what is put by before each of its contracts, or why that refuses the whole. Pure. First matching row decides about a contract that has
 * not begun, on a database with data:
 *
 * | situation | answer |
 * | --- | --- |
 * | no backup is asked for, a snapshot is named | on record |
 * | no backup is asked for | one remark for all, naming what is lost |
 * | no dump program can reach the database, a snapshot is named | on record |
 * | no dump program can reach the database | refuse |
 * | a snapshot is named | the schema |
 * | a table is locked by somebody else, so that its size is not known | refuse |
 * | the tables are not below the limit altogether | refuse |
 * | it takes rows away | the schema and the rows of the tables |
 * | else | the schema |
 */
export function withBackups(
  plan: DatabasePlan,
  { ledger, atStake }: Pick<DatabaseObservation, 'ledger' | 'atStake'>,
  policy: BackupPolicy,
): DatabasePlan {
  if (ledger.empty) return plan;
  const isAsked = ({ impact, resume }: MigrationAction): boolean =>
    impact === 'contract' && resume === null;
  const asked = plan.actions.filter(isAsked);
  if (asked.length === 0) return plan;
  if (policy.dataBelow === null && policy.ref === null) {
    return { ...plan, findings: [...plan.findings, ...withoutBackup(asked)] };
  }
  const refusals: MigratorError[] = [];
  const actions = plan.actions.map((action) => {
    if (!isAsked(action)) return action;
    const backup = backupBefore(action, atStake.get(action.id) ?? [], policy);
    if (!('code' in backup)) return { ...action, backup };
    refusals.push(backup);
    return action;
  });
  return { ...plan, actions, refusals: [...plan.refusals, ...refusals] };
}

/** What is put by before one contract, or why that cannot be. */
export function backupBefore(
  action: MigrationAction,
  tables: readonly SizedTable[],
  { dataBelow, ref, unreachable }: BackupPolicy,
): PlannedBackup | MigratorError {
  if (dataBelow === null) return { dump: 'none', tables, ref };
  if (unreachable !== null) {
    return ref === null
      ? unreachableByPrograms(action, unreachable)
      : { dump: 'none', tables, ref };
  }
  if (ref !== null) return { dump: 'schema', tables, ref };
  const unknown = tables.filter(({ bytes }) => bytes === null);
  if (unknown.length > 0) return sizeNotKnown(action, unknown);
  const total = tables.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  if (tables.length > 0 && total >= dataBelow) return tooLarge(action, tables, dataBelow);
  return { dump: tables.length > 0 ? 'data' : 'schema', tables, ref };
}
