import { Argument } from 'commander';
import type { RepairResult } from '../../migrator.js';
import { defineCommand } from '../command.js';

interface RepairFlags {
  readonly reason: string;
}

const RESOLUTIONS = ['applied', 'rolled-back', 'accept-checksum'] as const;

const DONE: Readonly<Record<RepairResult['resolution'], string>> = {
  applied: 'is recorded as applied',
  'rolled-back':
    'is recorded as rolled back; the next `up` runs it again, or the next `down` where it was on its way back',
  'accept-checksum': 'is accepted as it stands in its file now',
};

/** Answers what no machine can decide about an interrupted or edited migration. */
export const repair = defineCommand<RepairFlags>({
  name: 'repair',
  declare: (command) =>
    command
      .summary('answer for a migration that was interrupted or edited')
      .description(
        'Records your answer under the lock, with the reason. `applied`: the statement in doubt (or the migration) took effect. `rolled-back`: it did not. `accept-checksum`: the edited file is right.',
      )
      .argument('<tag>', 'the migration')
      .addArgument(new Argument('<resolution>', 'what is true').choices(RESOLUTIONS))
      .requiredOption('--reason <text>', 'why, kept with the record')
      .addHelpText(
        'after',
        '\nExample:\n  nest-migrate repair 0042_add_index applied --reason "index exists, checked by hand"',
      ),
  run: async ({ migrator, args, flags, signal, lockWaitMs }) => {
    const [tag = '', resolution] = args;
    const result = await migrator.repair(tag, resolution as RepairResult['resolution'], {
      reason: flags.reason,
      signal,
      ...(lockWaitMs !== undefined && { waitMs: lockWaitMs }),
    });
    const what =
      result.statement === null ? result.tag : `${result.tag}, statement ${result.statement},`;
    return {
      result,
      text: async (style) => style.good(`${what} ${DONE[result.resolution]}.`),
    };
  },
});
