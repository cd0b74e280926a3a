import { Option, type Command } from 'commander';
import type { DownOptions, DownResult } from '../../migrator/down-contract.js';
import { renderDownResult } from '../../report/down-report.js';
import { defineCommand } from '../command.js';
import { durationArgument } from '../duration-argument.js';
import { migrationLines } from '../output/migration-lines.js';
import type { Style } from '../output/style.js';
import { count, findings } from '../output/wording.js';

/** What the way back may be told. */
export interface DownFlags {
  readonly wait?: number;
  readonly allowDowntime?: boolean;
  readonly fleetConfirmed?: boolean;
  readonly withoutCoordinator?: boolean;
}

/** The word for a database without any migration: no tag is called so. */
const NONE = 'none';

/** Options that `down` and `redo` share. */
export function declareDownFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--wait <duration>',
        'how long to wait for another runner (the same as --lock-wait)',
      ).argParser(durationArgument),
    )
    .option('--allow-downtime', 'revert although instances run that will fail, on record')
    .option(
      '--fleet-confirmed',
      'you have made certain that no build which knows the migrations runs, on record',
    )
    .option(
      '--without-coordinator',
      'run on the session lock and the fence alone, on record, while Redis is down',
    );
}

/** Flags as the migrator takes them. */
export function downOptionsOf(
  flags: DownFlags,
  signal: AbortSignal,
  lockWaitMs: number | undefined,
): Omit<DownOptions, 'to' | 'dryRun'> {
  const waitMs = flags.wait ?? lockWaitMs;
  return {
    signal,
    ...(waitMs !== undefined && { waitMs }),
    ...(flags.allowDowntime === true && { allowDowntime: true }),
    ...(flags.fleetConfirmed === true && { fleetConfirmed: true }),
    ...(flags.withoutCoordinator === true && { withoutCoordinator: true }),
  };
}

/** The flag that sets the fleet aside; null = none was given. */
export function fleetSetAside({
  allowDowntime,
  fleetConfirmed,
}: Pick<DownFlags, 'allowDowntime' | 'fleetConfirmed'>): string | null {
  if (allowDowntime === true) return '--allow-downtime';
  return fleetConfirmed === true ? '--fleet-confirmed' : null;
}

/** Goes back to a migration. */
export const down = defineCommand<DownFlags & { readonly to: string; readonly dryRun?: boolean }>({
  name: 'down',
  declare: (command) =>
    declareDownFlags(
      command
        .summary('revert what stands behind a migration')
        .description(
          'Reverts the migrations behind a tag by their down files, newest first, under the same lock, fence and records as `up`. Refused (exit 7) before anything is touched: past a contract or an irreversible migration, without a down file, and while instances run that know what would go.',
        )
        .requiredOption('--to <tag>', `the last migration that stays; \`${NONE}\` = no one stays`)
        .option('--dry-run', 'print what would be run, and run nothing'),
    ).addHelpText(
      'after',
      `
Examples:
  nest-migrate down --to 0041_add_phone --dry-run
  nest-migrate down --to 0041_add_phone`,
    ),
  confirms: (flags) => (flags.dryRun === true ? null : fleetSetAside(flags)),
  run: async ({ migrator, flags, signal, lockWaitMs }) => {
    const result = await migrator.down({
      ...downOptionsOf(flags, signal, lockWaitMs),
      to: flags.to === NONE ? null : flags.to,
      ...(flags.dryRun === true && { dryRun: true }),
    });
    return {
      result,
      text: async (style) =>
        result.outcome === 'dry-run'
          ? dryRunText(result, style)
          : renderDownResult(migrator.name, result).join('\n'),
    };
  },
});

function dryRunText(result: DownResult, style: Style): string {
  return [
    ...result.planned.flatMap((migration) => migrationLines(migration, style)),
    ...findings(result.findings, style),
    result.planned.length === 0
      ? 'Nothing to revert.'
      : `\`down\` would revert ${count(result.planned.length, 'migration')}.`,
  ].join('\n');
}
