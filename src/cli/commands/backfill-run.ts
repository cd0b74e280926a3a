import type { BackfillRun } from '../../migrator/backfills-contract.js';
import { formatDuration } from '../../wording/duration.js';
import { defineCommand } from '../command.js';

/** Carries out what `up` has left to a worker. */
export const backfillRun = defineCommand<object>({
  name: 'backfill run',
  declare: (command) =>
    command
      .summary('go through the rows that `up` has left to a worker')
      .description(
        "Carries out the phases backfill and verify that `up` has left to a worker (option backfills: 'worker', or up --backfills worker), under a lock of its own: `up` may run beside it. Ends with 0 when nothing is left. A second worker waits; one that was stopped or killed is gone on behind.",
      )
      .argument('[name]', 'this operation alone, as `operation list` prints it')
      .addHelpText(
        'after',
        `
Examples:
  nest-migrate backfill run --module dist/migrations.module.js
  nest-migrate backfill run users-full-name --module dist/migrations.module.js`,
      ),
  run: async ({ migrator, args, signal, lockWaitMs }) => {
    const [name] = args;
    const result = await migrator.backfills.run({
      signal,
      ...(name !== undefined && { name }),
      ...(lockWaitMs !== undefined && { waitMs: lockWaitMs }),
    });
    return {
      result,
      text: async (style) =>
        result.outcome === 'nothing-to-do' ? 'nothing to do' : style.good(done(result)),
    };
  },
});

function done({ phases }: BackfillRun): string {
  return phases
    .map(({ name, phase, durationMs }) => `${name}: ${phase} in ${formatDuration(durationMs)}`)
    .join('\n');
}
