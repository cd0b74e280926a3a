import { EXIT_CODES, MigratorError, type ErrorCode } from '../../errors.js';
import type { PlanResult } from '../../migrator.js';
import type { DeferredMigration } from '../../migrator/fleet-contract.js';
import type { BackfillsBy } from '../../plan/plan.js';
import { backfillsOption } from '../backfills-option.js';
import { defineCommand } from '../command.js';
import type { Style } from '../output/style.js';
import { migrationLines } from '../output/migration-lines.js';
import { count, findings, holder } from '../output/wording.js';
import { pendingVerdict } from './pending-verdict.js';

interface PlanFlags {
  readonly to?: string;
  readonly backfills?: BackfillsBy;
  readonly sql?: boolean;
  readonly check?: boolean;
  readonly allowDowntime?: boolean;
  readonly fleetConfirmed?: boolean;
  readonly backupRef?: string;
}

/** What `up` would do, without doing it. */
export const plan = defineCommand<PlanFlags>({
  name: 'plan',
  declare: (command) =>
    command
      .summary('what `up` would do')
      .description(
        'Prints what `up` would do, in a read-only transaction and without taking the lock. A read-only login is enough.',
      )
      .option('--to <tag>', 'plan as if `up --to <tag>` ran')
      .addOption(backfillsOption())
      .option('--sql', 'print the SQL of every statement')
      .option(
        '--check',
        'exit 2 when something that this build requires is pending; a refusal exits with its own code',
      )
      .option('--allow-downtime', 'plan as if `up --allow-downtime` ran')
      .option('--fleet-confirmed', 'plan as if `up --fleet-confirmed` ran')
      .option('--backup-ref <ref>', 'plan as if `up --backup-ref <ref>` ran')
      .addHelpText(
        'after',
        `
Examples:
  nest-migrate plan --sql
  nest-migrate plan --check --json`,
      ),
  run: async ({ migrator, flags, signal }) => {
    const result = await migrator.plan({
      signal,
      ...(flags.to !== undefined && { to: flags.to }),
      ...(flags.backfills !== undefined && { backfills: flags.backfills }),
      ...(flags.allowDowntime === true && { allowDowntime: true }),
      ...(flags.fleetConfirmed === true && { fleetConfirmed: true }),
      ...(flags.backupRef !== undefined && { backupRef: flags.backupRef }),
      ...(flags.sql === true && { sql: true }),
    });
    const verdict = flags.check === true ? verdictOf(result) : null;
    return {
      result,
      text: async (style) => text(result, style),
      ...(verdict !== null && { verdict }),
    };
  },
});

/** A refusal says more than "pending": its code decides. */
function verdictOf(result: PlanResult): MigratorError | null {
  const refusal = result.refusals[0];
  if (refusal !== undefined) return refusalError(refusal);
  return result.requiredPending
    ? pendingVerdict(
        result.migrations.filter(({ impact }) => impact !== 'contract').map(({ tag }) => tag),
      )
    : null;
}

/** A refusal is the `toJSON` of a MigratorError. */
function refusalError(refusal: Record<string, unknown>): MigratorError {
  const code = String(refusal['code']);
  return new MigratorError(code in EXIT_CODES ? (code as ErrorCode) : 'INTERNAL', {
    message: String(refusal['message']),
    remedy: String(refusal['remedy']),
    state: 'Nothing was changed.',
  });
}

function text(result: PlanResult, style: Style): string {
  const lines = result.migrations.flatMap((migration) => migrationLines(migration, style));
  if (result.lockedBy !== null) {
    lines.push(`${style.warn('locked')} by ${holder(result.lockedBy)}`);
  }
  lines.push(...result.deferred.map((one) => deferredLine(one, style)));
  lines.push(...findings(result.findings, style));
  for (const refusal of result.refusals) {
    const error = refusalError(refusal);
    lines.push(
      `${style.bad('refused')} ${error.code}: ${error.message}`,
      `  next: ${error.remedy}`,
    );
  }
  lines.push(summary(result));
  return lines.join('\n');
}

function summary(result: PlanResult): string {
  if (result.refusals.length > 0) return '`up` would refuse: nothing would be applied.';
  const later = result.deferred.length;
  const deferring = later > 0 ? ` and defer ${count(later, 'migration')}` : '';
  if (result.migrations.length > 0)
    return `\`up\` would apply ${count(result.migrations.length, 'migration')}${deferring}.`;
  return later > 0
    ? `\`up\` would apply nothing${deferring}.`
    : 'Nothing to do: the database is up to date.';
}

function deferredLine({ tag, waitsFor }: DeferredMigration, style: Style): string {
  return `${style.warn('deferred')} ${tag}: waits for ${waitsFor.join('; ')}`;
}
