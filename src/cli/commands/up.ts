import type { BackfillsBy } from '../../plan/plan.js';
import { renderUpResult } from '../../report/up-report.js';
import { backfillsOption } from '../backfills-option.js';
import { defineCommand } from '../command.js';
import { durationArgument } from '../duration-argument.js';
import { fleetSetAside } from './down.js';

interface UpFlags {
  readonly to?: string;
  readonly backfills?: BackfillsBy;
  readonly wait?: number;
  readonly waitFleet?: number;
  readonly allowDowntime?: boolean;
  readonly fleetConfirmed?: boolean;
  readonly backupRef?: string;
  readonly withoutCoordinator?: boolean;
}

/** Applies what is pending, as the single runner. */
export const up = defineCommand<UpFlags>({
  name: 'up',
  declare: (command) =>
    command
      .summary('apply what is pending')
      .description(
        'Applies the pending migrations under the lock: exactly what `plan` prints. Further runners wait, and leave with 0 when nothing is left to do.',
      )
      .option('--to <tag>', 'stop after this migration')
      .addOption(backfillsOption())
      .option(
        '--wait <duration>',
        'how long to wait for another runner (the same as --lock-wait)',
        durationArgument,
      )
      .option(
        '--wait-fleet <duration>',
        'how long to wait for instances that hold a migration back (exit 3 when it is over)',
        durationArgument,
      )
      .option(
        '--allow-downtime',
        'apply breaking migrations although instances run that will fail, on record',
      )
      .option(
        '--fleet-confirmed',
        'you have made certain that nobody who matters runs an older build, on record',
      )
      .option(
        '--backup-ref <ref>',
        'name of a snapshot that you have taken, on record, in place of a dump of the rows that contracts take away',
      )
      .option(
        '--without-coordinator',
        'run on the session lock and the fence alone, on record, while Redis is down',
      )
      .addHelpText(
        'after',
        `
Examples:
  nest-migrate up
  nest-migrate up --to 0042_add_orders --lock-wait 2m
  nest-migrate up --wait-fleet 15m
  nest-migrate up --json > result.json`,
      ),
  confirms: fleetSetAside,
  run: async ({ migrator, flags, signal, lockWaitMs }) => {
    const waitMs = flags.wait ?? lockWaitMs;
    const result = await migrator.up({
      signal,
      ...(flags.to !== undefined && { to: flags.to }),
      ...(flags.backfills !== undefined && { backfills: flags.backfills }),
      ...(waitMs !== undefined && { waitMs }),
      ...(flags.waitFleet !== undefined && { waitFleetMs: flags.waitFleet }),
      ...(flags.allowDowntime === true && { allowDowntime: true }),
      ...(flags.fleetConfirmed === true && { fleetConfirmed: true }),
      ...(flags.backupRef !== undefined && { backupRef: flags.backupRef }),
      ...(flags.withoutCoordinator === true && { withoutCoordinator: true }),
    });
    return {
      result,
      text: async () => renderUpResult(migrator.name, result).join('\n'),
    };
  },
});
