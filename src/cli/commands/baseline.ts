import { defineCommand } from '../command.js';
import { count, findings } from '../output/wording.js';

interface BaselineFlags {
  readonly reason?: string;
}

/** Takes a database that already has the tables into the ledger. */
export const baseline = defineCommand<BaselineFlags>({
  name: 'baseline',
  declare: (command) =>
    command
      .summary('record migrations as applied without running them')
      .description(
        'Records every migration up to and including <tag> as applied, without running anything: for a database that already has these tables and no ledger.',
      )
      .argument('<tag>', 'the last migration whose effect the database already has')
      .option('--reason <text>', 'why, kept with the record')
      .addHelpText(
        'after',
        '\nExample:\n  nest-migrate baseline 0007_add_orders --reason "taken over from TypeORM"',
      ),
  run: async ({ migrator, args, flags, signal, lockWaitMs }) => {
    const [tag = ''] = args;
    const result = await migrator.baseline(tag, {
      signal,
      ...(lockWaitMs !== undefined && { waitMs: lockWaitMs }),
      ...(flags.reason !== undefined && { reason: flags.reason }),
    });
    return {
      result,
      text: async (style) =>
        [
          ...result.recorded.map((recorded) => `recorded ${recorded}`),
          ...findings(result.findings, style),
          result.recorded.length === 0
            ? `Nothing to do: everything up to ${tag} is in the ledger.`
            : style.good(
                `${count(result.recorded.length, 'migration')} recorded as applied; nothing was run.`,
              ),
        ].join('\n'),
    };
  },
});
