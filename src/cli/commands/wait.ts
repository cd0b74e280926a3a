import { defineCommand } from '../command.js';
import { durationArgument } from '../duration-argument.js';
import { formatDuration } from '../../wording/duration.js';

interface WaitFlags {
  readonly timeout?: number;
}

/** For initContainers: waits until the release job has done what this build needs. */
export const wait = defineCommand<WaitFlags>({
  name: 'wait',
  declare: (command) =>
    command
      .summary('wait until this build can run on the database')
      .description(
        'Waits until everything that this build requires is applied, by asking the database; applies nothing. Out of time: exit 6 when the database was never reachable, 5 or 7 when that is the cause, otherwise 3.',
      )
      .option('--timeout <duration>', 'how long to wait (default: 5m)', durationArgument)
      .addHelpText('after', '\nExample:\n  nest-migrate wait --timeout 5m'),
  run: async ({ migrator, flags, signal }) => {
    const result = await migrator.wait({
      signal,
      ...(flags.timeout !== undefined && { timeoutMs: flags.timeout }),
    });
    return {
      result,
      text: async (style) =>
        style.good(
          `Everything this build requires is applied (waited ${formatDuration(result.waitedMs)}).`,
        ),
    };
  },
});
